# Clean, but the lists may be as old as the cache.
FROM debian:bookworm-slim AS fetch
RUN apt-get update
RUN apt-get install -y --no-install-recommends curl ca-certificates
RUN curl -fsSL -o /tmp/tool.tar.gz https://example.com/tool.tar.gz
RUN mkdir /opt/tool && tar -xzf /tmp/tool.tar.gz -C /opt/tool

FROM debian:bookworm-slim
COPY --from=fetch /opt/tool /opt/tool
CMD ["/opt/tool/bin/tool"]
