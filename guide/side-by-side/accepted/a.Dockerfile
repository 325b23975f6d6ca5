FROM golang:1.22 AS server
WORKDIR /src
COPY server/ ./
RUN CGO_ENABLED=0 go build -o /bin/server

FROM node:22-slim AS assets
WORKDIR /web
COPY web/package*.json ./
RUN npm ci
COPY web/ ./
RUN npm run build

FROM scratch
COPY --from=assets /web/dist /srv/static
COPY --from=server /bin/server /bin/server
CMD ["/bin/server"]
