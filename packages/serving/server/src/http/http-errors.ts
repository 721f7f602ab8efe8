/** Errors of connections, names, origins and keys: who is not let in, and what keeps a server from listening. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const tooManyHeaders: ErrorMaker<[count: number, most: number]> = defineError({
  code: 'too_many_headers',
  status: 431,
  when: 'A request has more headers than `maxHeaders` (in `createServer`: `limits.maxHeaders`).',
  message: (count, most) => `the request has at least ${count} headers, where ${most} are allowed`,
  help: 'Send fewer headers, or serve with a larger maxHeaders.',
})

export const hostNotAllowed: ErrorMaker<[host: string]> = defineError({
  code: 'host_not_allowed',
  status: 403,
  when: 'A server that listens on this machine only and asks for no key is called by a name that is not its own. Web pages do that to reach it through a browser (DNS rebinding).',
  message: (host) => `this server is not called ${JSON.stringify(host.slice(0, 200))}`,
  help: 'Call it localhost or 127.0.0.1, add the name to hostNames, or name the proxy in front in trustProxy.',
})

export const originNotAllowed: ErrorMaker<[origin: string]> = defineError({
  code: 'origin_not_allowed',
  status: 403,
  when: 'A web page of another origin asks for a route of administrators.',
  message: (origin) => `pages of ${JSON.stringify(origin.slice(0, 200))} may not ask for this`,
  help: 'Add the origin to corsOrigins, or set adminKeys.',
})

export const adminKeyNeeded: ErrorMaker<[route: string, areThere: boolean]> = defineError({
  code: 'admin_key_needed',
  status: 403,
  when: 'A route of administrators is asked for without one of `adminKeys`; where none are configured, from another machine or through a proxy.',
  message: (route, areThere) =>
    `${route} is for administrators${areThere ? '' : ', who have no key here: only this machine itself may ask'}`,
  help: (_, areThere) =>
    areThere
      ? "Send the header 'Authorization: Bearer KEY' with one of the server's adminKeys."
      : 'Serve with adminKeys and send one of them as Authorization: Bearer, or ask from the machine that serves.',
})

export const keylessListen: ErrorMaker<[host: string, what: 'apiKeys' | 'adminKeys']> = defineError({
  code: 'keyless_listen',
  status: 500,
  when: 'A server is to listen where other machines reach it, and asks for no key.',
  message: (host, what) => `${host} can be reached from other machines, and there are no ${what}`,
  help: (_, what) =>
    what === 'adminKeys'
      ? 'Set adminKeys (HADAL_ADMIN_KEYS), or listen on 127.0.0.1.'
      : 'Set keys (HADAL_API_KEYS, --api-keys), listen on 127.0.0.1, or say --allow-keyless (HADAL_ALLOW_KEYLESS=true) where everyone who reaches the port may use the model.',
})

export const tlsUnusable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'tls_unusable',
  status: 500,
  when: 'The certificate or the key of `tlsCert` and `tlsKey` cannot be read, or they do not belong together.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Give two PEM files: the certificate, followed by those between it and the root, and its key without a passphrase.',
})
