FROM golang:1.22 AS builder
WORKDIR /app
ENV CGO_ENABLED=0
COPY . .
RUN go build -o /bin/myapp

FROM scratch
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
