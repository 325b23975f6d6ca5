# Now it is the pages that wait.
FROM golang:1.22 AS server
WORKDIR /src
COPY server/ ./
RUN CGO_ENABLED=0 go build -o /bin/server

FROM node:22-slim AS assets
WORKDIR /web
COPY web/package*.json ./
RUN npm ci
COPY --from=server /bin/server /usr/local/bin/server
COPY web/ ./
RUN npm run build

FROM alpine:3.20
COPY --from=server /bin/server /bin/server
COPY --from=assets /web/dist /srv/static
CMD ["/bin/server"]
