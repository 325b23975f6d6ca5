FROM golang:1.22 AS builder
WORKDIR /app
COPY . .
RUN go build -o /bin/myapp

FROM debian:bookworm-slim
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
