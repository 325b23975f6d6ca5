FROM golang:1.22 AS builder
WORKDIR /app
COPY . .
RUN go build -o /bin/myapp

# Nothing at all to link against.
FROM scratch
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
