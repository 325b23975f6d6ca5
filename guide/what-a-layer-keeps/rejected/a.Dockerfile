# All deletions in the right order, each a layer too late.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl ca-certificates
RUN rm -rf /var/lib/apt/lists/*
RUN curl -fsSL -o /tmp/tool.tar.gz https://example.com/tool.tar.gz
RUN mkdir /opt/tool && tar -xzf /tmp/tool.tar.gz -C /opt/tool
RUN rm /tmp/tool.tar.gz
CMD ["/opt/tool/bin/tool"]
