/** Shared by all Hadal images. A test keeps the repository's Dockerfile consistent with it. */

/** The base image: Debian 13 with Node 22. The digest names the index of all platforms, so the tag only informs the reader. */
export const nodeImage =
  'docker.io/library/node:22-trixie-slim@sha256:7b8a0c89c54499bee567618f96578e1a12a800f062fbdbfd1fb6a443fa6f6284'

/** Numeric: `runAsNonRoot` asks for it. */
export const imageUser = '10001:10001'

/** The one folder that is written to. */
export const imageHome = '/var/lib/hadal'

/** Asks the server itself; curl is not in the image. */
export const healthCommand: readonly string[] = [
  'node',
  '-e',
  `fetch('http://127.0.0.1:' + process.env.HADAL_PORT + '/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`,
]

export const healthTimes = {
  interval: '10s',
  timeout: '5s',
  start_period: '120s',
  retries: 3,
} as const
