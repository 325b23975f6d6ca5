# A cache mount that is emptied again after each use.
FROM node:22-slim
WORKDIR /app
COPY package*.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev && npm cache clean --force
COPY server.js ./
USER node
CMD ["node", "server.js"]
