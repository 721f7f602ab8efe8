# syntax=docker/dockerfile:1
# Two images: `serve` (gateway and embedded engine, the last and so the default) and `train` (with Debian's libtorch).
#
#   docker build --target serve --tag hadal:0.1.0 .
#   docker build --target train --tag hadal-train:0.1.0 .
#
# docs/images.md says how to run them. Built from this repository alone: npm packages by the lock file, Debian's by apt.

# The base image of all stages. The default is the stage `node-image`: Dependabot updates the digest of a FROM line, not that of an ARG.
ARG NODE_IMAGE=node-image

# The same as `nodeImage` in packages/operations/fleet/src/images/image-facts.ts.
FROM docker.io/library/node:22-trixie-slim@sha256:7b8a0c89c54499bee567618f96578e1a12a800f062fbdbfd1fb6a443fa6f6284 AS node-image

# What `npm ci` reads, so that a change of source installs nothing again.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /opt/hadal
COPY package.json package-lock.json ./
COPY packages packages
RUN find packages -type f ! -regex 'packages/[^/]*/[^/]*/package.json' -delete \
  && find packages -type d -empty -delete

# Every package's JavaScript, and what users install of them.
FROM ${NODE_IMAGE} AS build
WORKDIR /opt/hadal
COPY --from=manifests /opt/hadal ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json tsconfig.json ./
COPY scripts scripts
COPY packages packages
RUN npm run build -- --no-install
# What the packages' `files` name; models and the tensor addon come later.
RUN mkdir /built \
  && cp -r --parents packages/*/*/dist packages/apps/cli/bin packages/serving/guard/data packages/serving/guard/weights /built

# What runs: packages without those for development, and native parts compiled where no binary is there.
FROM ${NODE_IMAGE} AS production
WORKDIR /opt/hadal
RUN apt-get update \
  && apt-get install --yes --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=manifests /opt/hadal ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 ! -name linux -exec rm -rf {} +
# SQLite for keys and usage: the binary of its release, or compiled against the headers of this Node.
RUN npm_config_nodedir=/usr/local npm rebuild better-sqlite3
# A llama.cpp for GPUs, such as @node-llama-cpp/linux-x64-cuda@3.21.1 (NODE_IMAGE then needs CUDA's runtime libraries, too) or
# @node-llama-cpp/linux-x64-vulkan@3.21.1.
ARG LLAMA_PACKAGE=
RUN if [ -n "$LLAMA_PACKAGE" ]; then npm install --no-save --omit=dev --ignore-scripts --no-audit --no-fund "$LLAMA_PACKAGE"; fi
COPY --from=build /built ./
COPY LICENSE ./
COPY models models

# The tensor addon, for the libtorch that the image will have.
FROM production AS addon
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libtorch-dev libopenblas0-openmp libgloo-dev \
  && rm -rf /var/lib/apt/lists/*
COPY packages/training/tensor/native packages/training/tensor/native
COPY packages/training/tensor/scripts packages/training/tensor/scripts
RUN node packages/training/tensor/scripts/build-native.mjs && rm -rf packages/training/tensor/build/objects

# What both images are: a user without a name elsewhere, one folder it may write to, and `hadal`.
FROM ${NODE_IMAGE} AS runtime
RUN echo 'hadal:x:10001:10001::/var/lib/hadal:/usr/sbin/nologin' >> /etc/passwd \
  && echo 'hadal:x:10001:' >> /etc/group \
  && install -d -o 10001 -g 10001 /var/lib/hadal \
  && ln -s /opt/hadal/packages/apps/cli/bin/hadal.js /usr/local/bin/hadal
# Everything that is kept or cached goes below HOME; the root file system may be read-only.
ENV NODE_ENV=production \
  HOME=/var/lib/hadal \
  XDG_CACHE_HOME=/var/lib/hadal/cache
WORKDIR /var/lib/hadal
VOLUME /var/lib/hadal
# Node as process 1 gets SIGTERM and ends in order; it starts no process that it does not wait for, so no init is needed.
STOPSIGNAL SIGTERM
ENTRYPOINT ["hadal"]

FROM runtime AS train
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libtorch2.6 libopenblas0-openmp \
  && rm -rf /var/lib/apt/lists/*
COPY --from=addon /opt/hadal /opt/hadal
# Recipes that are mounted here find @hadal/train and its like.
RUN install -d /opt/hadal/recipe
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="hadal-train" \
  org.opencontainers.image.description="Training runs of Hadal, with libtorch" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
CMD ["train", "/opt/hadal/recipe"]

FROM runtime AS serve
COPY --from=production /opt/hadal /opt/hadal
# V8 keeps the compiled code of a first start beside the code itself, which later nobody may write to. Whole seconds: images keep no
# more of a file's time, and the kept code is found by it.
RUN find /opt/hadal/packages -name '*.bundle.cjs' -exec touch -d "$(date '+%Y-%m-%d %H:%M:%S')" {} + \
  && { HOME=/tmp XDG_CACHE_HOME=/tmp/cache timeout 30 hadal serve --model nano --port 0 || true; } \
  && find /opt/hadal/packages -name '*.bundle.cjs.*.cache' | grep -q . \
  && rm -rf /tmp/*
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="hadal" \
  org.opencontainers.image.description="Gateway and embedded engine of Hadal" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV HADAL_HOST=0.0.0.0 \
  HADAL_PORT=8080
EXPOSE 8080
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node","-e","fetch('http://127.0.0.1:' + process.env.HADAL_PORT + '/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["serve"]
