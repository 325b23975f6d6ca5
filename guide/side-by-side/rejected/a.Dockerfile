# Nobody waits for the pages, because nobody wants them any more.
FROM node:22-slim AS assets
WORKDIR /web
COPY web/package*.json ./
RUN npm ci
COPY web/ ./
RUN npm run build

FROM golang:1.22 AS server
WORKDIR /src
COPY server/ ./
RUN CGO_ENABLED=0 go build -o /bin/server

FROM alpine:3.20
COPY --from=server /bin/server /bin/server
CMD ["/bin/server"]
