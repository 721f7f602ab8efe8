/** Errors of connections, host names, origins, keys and listening. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

export const tooManyHeaders: ErrorMaker<[count: number, most: number]> = defineError({
  code: 'too_many_headers',
  status: 431,
  when: 'A request has more headers than `maxHeaders` (in `createServer`: `limits.maxHeaders`).',
  message: (count, most) => `the request has at least ${count} headers; the limit is ${most}`,
  help: 'Send fewer headers, or serve with a larger maxHeaders.',
})

export const tooManyConnections: ErrorMaker<[max: number]> = defineError({
  code: 'too_many_connections',
  status: 503,
  when: '`maxConnections` connections have requests in progress. Health, readiness, metrics and administrator routes are still served.',
  message: (max) => `all ${max} connections are in use`,
  help: 'Retry after the given number of seconds, or serve with a larger maxConnections.',
})

export const tooManyBodies: ErrorMaker<[limitBytes: number]> = defineError({
  code: 'too_many_bodies',
  status: 503,
  when: 'The bodies of all requests together exceed `bodyMemoryBytes`. The body that has been arriving longest is refused first.',
  message: (limitBytes) => `the bodies of all requests exceed ${formatBytes(limitBytes)}`,
  help: 'Retry after the given number of seconds, or serve with a larger bodyMemoryBytes.',
})

export const hostNotAllowed: ErrorMaker<[host: string]> = defineError({
  code: 'host_not_allowed',
  status: 403,
  when: 'A server that listens only on this machine and requires no key received a request with a foreign Host header. Web pages use such requests to reach local servers through a browser (DNS rebinding).',
  message: (host) => `the Host header ${JSON.stringify(host.slice(0, 200))} is not allowed`,
  help: 'Use localhost or 127.0.0.1, add the name to hostNames, or list the reverse proxy in trustProxy.',
})

export const originNotAllowed: ErrorMaker<[origin: string]> = defineError({
  code: 'origin_not_allowed',
  status: 403,
  when: 'A web page of another origin called an administrator route.',
  message: (origin) => `the origin ${JSON.stringify(origin.slice(0, 200))} is not allowed`,
  help: 'Add the origin to corsOrigins, or set adminKeys.',
})

export const adminKeyNeeded: ErrorMaker<[route: string, areThere: boolean]> = defineError({
  code: 'admin_key_needed',
  status: 403,
  when: 'An administrator route was called without one of `adminKeys`. If none are configured, the request came from another machine or through a proxy.',
  message: (route, areThere) =>
    `${route} requires an admin key${areThere ? '' : '; none is configured, so only local requests are allowed'}`,
  help: (_, areThere) =>
    areThere
      ? "Send the header 'Authorization: Bearer KEY' with one of the server's adminKeys."
      : 'Set adminKeys and send one as Authorization: Bearer, or call the route from the machine that runs the server.',
  docsHelp:
    "Send the header 'Authorization: Bearer KEY' with one of the server's adminKeys. If none are configured, set some, or call the route from the machine that runs the server.",
})

export const keylessListen: ErrorMaker<[host: string, what: 'apiKeys' | 'adminKeys']> = defineError({
  code: 'keyless_listen',
  status: 500,
  when: 'The server would be reachable from other machines without requiring a key.',
  message: (host, what) => `${host} is reachable from other machines, and no ${what} are configured`,
  help: (_, what) =>
    what === 'adminKeys'
      ? 'Set adminKeys (HADAL_ADMIN_KEYS), or listen on 127.0.0.1.'
      : 'Set API keys (HADAL_API_KEYS, --api-keys), listen on 127.0.0.1, or pass --allow-keyless (HADAL_ALLOW_KEYLESS=true) if everyone who can reach the port may use the model.',
  docsHelp:
    'Set the missing keys (HADAL_API_KEYS or --api-keys; HADAL_ADMIN_KEYS), or listen on 127.0.0.1. --allow-keyless (HADAL_ALLOW_KEYLESS=true) permits serving without API keys.',
})

export const tlsUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'tls_unusable',
  status: 500,
  when: 'The files of `tlsCert` and `tlsKey` cannot be read, or the certificate and the key do not match.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Provide two PEM files: the certificate followed by its intermediate certificates, and the key without a passphrase.',
})
