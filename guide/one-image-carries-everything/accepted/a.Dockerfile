# Stage 1: everything that is needed to build
FROM golang:1.22 AS builder
WORKDIR /app
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/myapp

# Stage 2: only what is needed to run
FROM alpine:3.20
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
