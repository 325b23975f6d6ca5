# A smaller Node is still Node.
FROM node:22-slim AS build
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22-slim
WORKDIR /app
COPY --from=build /app ./
CMD ["npx", "vite", "preview", "--host", "--port", "80"]
