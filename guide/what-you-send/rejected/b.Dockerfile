FROM node:22-slim
WORKDIR /app
COPY package*.json ./
RUN npm ci --omit=dev
COPY . .
RUN rm -rf .git .env npm-debug.log admin/node_modules
USER node
CMD ["node", "server.js"]
