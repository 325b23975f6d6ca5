# USER belongs to the stage that is left behind.
FROM golang:1.22 AS builder
WORKDIR /app
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/myapp
USER 65532:65532

FROM scratch
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
