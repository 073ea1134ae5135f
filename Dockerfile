# Eider's server as an image: Debian with the C library, the unpacked program, a user of its own, nothing else.
#
#   docker build -t eider .
#   docker run --read-only --tmpfs /tmp -v eider-data:/data -p 8000:8000 -p 5432:5432 eider
#
# docs/install.md, "Container", tells the rest and which of this was run.

FROM denoland/deno:debian-2.9.6 AS build
WORKDIR /src
COPY . .
# The executable unpacks itself; the image holds what it unpacks, readable for everybody and without Deno's caches.
RUN deno task build --method=self-extracting --no-verify --out=/build/eider \
  && EIDER_CACHE_DIR=/build/cache /build/eider version \
  && mv /build/cache/* /opt/eider \
  && rm -rf /opt/eider/deno \
  && chmod -R u=rwX,go=rX /opt/eider

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Eider" \
  org.opencontainers.image.description="Isolated SQL workspaces over a project's data, for any PostgreSQL client" \
  org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/eider /opt/eider
RUN groupadd --gid 10001 eider \
  && useradd --uid 10001 --gid eider --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin eider \
  && install --directory --owner=eider --group=eider --mode=0700 /data
# Deno's caches go to /tmp, where the workers' sockets are too: with a read-only root file system, mount a tmpfs there.
ENV PATH=/opt/eider/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  DENO_DIR=/tmp/eider-deno \
  EIDER_DATA_DIR=/data \
  EIDER_HTTP_HOST=0.0.0.0 \
  EIDER_PG_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000 5432
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["/opt/eider/bin/eider", "healthcheck"]
ENTRYPOINT ["/opt/eider/bin/eider"]
CMD ["serve"]
