FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl ca-certificates \
    && rm -rf /var/lib/apt/lists/*
RUN mkdir /opt/tool \
    && curl -fsSL -o /tmp/tool.tar.gz https://example.com/tool.tar.gz \
    && tar -xzf /tmp/tool.tar.gz -C /opt/tool \
    && rm /tmp/tool.tar.gz
CMD ["/opt/tool/bin/tool"]
