FROM node:22-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=target=/root/.npm,type=cache,sharing=locked <<EOF
npm ci --omit=dev
EOF
COPY server.js ./
USER node
CMD ["node", "server.js"]
