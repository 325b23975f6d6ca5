FROM node:22-slim AS packages
WORKDIR /app
COPY package*.json ./
RUN npm ci

FROM packages AS build
COPY . .
RUN npm run build

FROM packages AS pruned
RUN npm prune --omit=dev

FROM node:22-slim AS run
WORKDIR /app
USER node
COPY --from=pruned /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
CMD ["node", "dist/server.js"]
