# Tested, and shipped with Node and all packages.
FROM node:22-slim AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci

FROM deps AS test
COPY . .
RUN npm test

FROM test
RUN npm run build
CMD ["npx", "vite", "preview", "--host", "--port", "80"]
