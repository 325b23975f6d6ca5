FROM node:22-slim AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci

FROM deps AS test
COPY . .
RUN npm test

FROM deps AS build
COPY . .
RUN --mount=from=test,source=/app/package.json,target=/tmp/tested npm run build

FROM nginx:alpine
COPY --from=build /app/dist /usr/share/nginx/html
