# Cleaned up where it is too late.
FROM node:22
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build
RUN rm -rf node_modules
CMD ["npx", "serve", "-l", "80", "dist"]
