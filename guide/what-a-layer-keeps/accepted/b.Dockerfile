FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates \
        curl \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir /opt/tool \
    && curl -fsSL https://example.com/tool.tar.gz | tar -xz -C /opt/tool
ENTRYPOINT ["/opt/tool/bin/tool"]
