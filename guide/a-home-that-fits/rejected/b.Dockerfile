FROM golang:1.22 AS builder
WORKDIR /app
COPY . .
RUN go build -o /bin/myapp

# Set where nothing is compiled any more.
FROM alpine:3.20
ENV CGO_ENABLED=0
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
