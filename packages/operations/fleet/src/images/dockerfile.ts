/**
 * A Dockerfile for Hadal from npm: gateway and embedded engine, like the repository's Dockerfile from source. Build tools stay in
 * the first stage.
 */

import { healthCommand, healthTimes, imageHome, imageUser, nodeImage } from './image-facts.ts'

export interface DockerfileOptions {
  /** Hadal's version on npm. */
  readonly version: string
  /** Packages alongside it, with their versions: a llama.cpp for GPUs, ONNX Runtime. */
  readonly packages?: readonly string[] | undefined
}

/**
 * The Dockerfile of an image with Hadal in it.
 *
 * @example
 * ```ts
 * import { dockerfile } from '@hadal/fleet'
 *
 * dockerfile({ version: '0.1.0' }).startsWith('#') // → true
 * ```
 */
export function dockerfile({ version, packages = [] }: DockerfileOptions): string {
  const [uid, gid] = imageUser.split(':')
  const { interval, timeout, start_period, retries } = healthTimes
  return `# Gateway and embedded engine of Hadal ${version}, from npm.
#   docker build --tag hadal:${version} .
ARG NODE_IMAGE=${nodeImage}

FROM \${NODE_IMAGE} AS installed
RUN apt-get update \\
  && apt-get install --yes --no-install-recommends g++ make python3 \\
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/hadal
RUN npm_config_nodedir=/usr/local npm install --no-audit --no-fund ${[`hadal@${version}`, ...packages].join(' ')}

FROM \${NODE_IMAGE}
RUN echo 'hadal:x:${uid}:${gid}::${imageHome}:/usr/sbin/nologin' >> /etc/passwd \\
  && echo 'hadal:x:${gid}:' >> /etc/group \\
  && install -d -o ${uid} -g ${gid} ${imageHome} \\
  && ln -s /opt/hadal/node_modules/.bin/hadal /usr/local/bin/hadal
COPY --from=installed /opt/hadal /opt/hadal
ENV NODE_ENV=production \\
  HOME=${imageHome} \\
  XDG_CACHE_HOME=${imageHome}/cache \\
  HADAL_HOST=0.0.0.0 \\
  HADAL_PORT=8080
LABEL org.opencontainers.image.title="hadal" \\
  org.opencontainers.image.licenses="Apache-2.0" \\
  org.opencontainers.image.version="${version}"
WORKDIR ${imageHome}
VOLUME ${imageHome}
EXPOSE 8080
STOPSIGNAL SIGTERM
USER ${imageUser}
HEALTHCHECK --interval=${interval} --timeout=${timeout} --start-period=${start_period} --retries=${retries} \\
  CMD ${JSON.stringify(healthCommand)}
ENTRYPOINT ["hadal"]
CMD ["serve"]
`
}
