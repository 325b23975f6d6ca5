FROM node:22 AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build

FROM nginx:stable-alpine AS web
COPY --from=build /app/dist/ /usr/share/nginx/html/
EXPOSE 80
