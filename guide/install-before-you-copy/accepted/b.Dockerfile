FROM node:22-slim AS deps
WORKDIR /work
COPY package.json .
COPY package-lock.json .
RUN npm ci --no-audit

FROM node:22-slim AS pages
WORKDIR /app
COPY . .
COPY --from=deps /work/node_modules ./node_modules
RUN npm run build

FROM nginx:alpine
COPY --from=pages /app/dist /usr/share/nginx/html
