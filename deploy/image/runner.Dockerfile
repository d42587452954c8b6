# The runner for CI systems that start containers. Build it in a checkout after `npm run build`:
#   docker build --file deploy/image/runner.Dockerfile --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:… .
# There is no default: a tag that moves would change what applies your infrastructure.
ARG NODE_IMAGE
FROM ${NODE_IMAGE}

# gpgv checks the signatures of engines, git and ssh fetch the code and its modules.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git gpgv openssh-client \
  && rm -rf /var/lib/apt/lists/*

COPY --chmod=0644 dist/runner.js /opt/terrane/runner.mjs
COPY --chmod=0644 dist/runner-index.cjs /opt/terrane/runner-index.cjs

# Fetched engines and providers; mount a volume here to keep them between jobs.
RUN install --directory --owner=1000 --group=1000 --mode=0700 /var/cache/terrane
ENV TERRANE_TOOL_CACHE=/var/cache/terrane/tools TERRANE_CACHE_DIR=/var/cache/terrane

USER 1000:1000
WORKDIR /tmp
ENTRYPOINT ["node", "/opt/terrane/runner.mjs"]
