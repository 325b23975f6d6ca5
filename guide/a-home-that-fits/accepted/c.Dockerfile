FROM golang:1.22-alpine AS builder
WORKDIR /app
COPY . .
RUN go build -o /bin/myapp

FROM alpine:3.20
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
