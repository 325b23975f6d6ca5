FROM node:22-slim AS packages
WORKDIR /web
COPY web/package*.json ./
RUN npm ci

FROM packages AS assets
COPY web/ ./
RUN npm run build

FROM golang:1.22 AS server
WORKDIR /src
COPY server/ ./
RUN CGO_ENABLED=0 go build -o /bin/server

FROM alpine:3.20 AS run
COPY --from=assets /web/dist /srv/static

FROM run
COPY --from=server /bin/server /bin/server
CMD ["/bin/server"]
