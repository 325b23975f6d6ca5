# There is no shell to start this with.
FROM golang:1.22 AS builder
WORKDIR /app
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/myapp

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=builder /bin/myapp /bin/myapp
CMD /bin/myapp
