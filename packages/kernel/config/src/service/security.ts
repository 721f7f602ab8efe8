/** Security settings: administrators, trusted proxies, TLS. */

import { addresses, flag, hostNameList, optional, text, texts, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface SecuritySettings {
  /** Keys with access to all routes, including admin routes (see docs/security.md). Without any, admin routes are limited to loopback. */
  readonly adminKeys: readonly string[]
  /** Separate port for admin routes, which are then not available on the main port; 0 picks a free port. */
  readonly adminPort: number | undefined
  /** Address for `adminPort`. */
  readonly adminHost: string
  /** Make `GET /metrics` an admin route. */
  readonly privateMetrics: boolean
  /** Allow listening on non-loopback addresses without keys: anyone who can reach the port can use the model. */
  readonly allowKeyless: boolean
  /** Additional host names accepted by a keyless loopback service, in addition to `localhost`; `*` for all. Other names are rejected to prevent DNS rebinding. */
  readonly hostNames: readonly string[]
  /** Addresses of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` headers are trusted; others are ignored. */
  readonly trustProxy: readonly string[]
  /** PEM file with the certificate chain. Enables HTTPS. Reloaded when it changes. */
  readonly tlsCert: string | undefined
  /** PEM file with the certificate’s private key. */
  readonly tlsKey: string | undefined
}

export const securitySettings: SettingsTable<SecuritySettings> = {
  adminKeys: setting({
    kind: texts,
    default: [],
    doc: 'Keys with access to all routes, including admin routes (see docs/security.md). Without any, admin routes are limited to loopback.',
    group: 'Security',
    unit: null,
    flag: '--admin-keys <list>',
    env: 'HADAL_ADMIN_KEYS',
    secret: true,
    reload: 'live',
  }),
  adminPort: setting({
    kind: optional(wholeNumber(0, 65_535)),
    default: undefined,
    defaultDoc: 'none: admin routes use `port`',
    doc: 'Separate port for admin routes, which are then not available on the main port; 0 picks a free port.',
    group: 'Security',
    unit: null,
    flag: '--admin-port <number>',
    env: 'HADAL_ADMIN_PORT',
  }),
  adminHost: setting({
    kind: text,
    default: '127.0.0.1',
    doc: 'Address for `adminPort`.',
    group: 'Security',
    unit: null,
    flag: '--admin-host <address>',
    env: 'HADAL_ADMIN_HOST',
  }),
  privateMetrics: setting({
    kind: flag,
    default: false,
    doc: 'Make `GET /metrics` an admin route.',
    group: 'Security',
    unit: null,
    flag: '--private-metrics',
    env: 'HADAL_PRIVATE_METRICS',
    reload: 'live',
  }),
  allowKeyless: setting({
    kind: flag,
    default: false,
    doc: 'Allow listening on non-loopback addresses without keys: anyone who can reach the port can use the model.',
    group: 'Security',
    unit: null,
    flag: '--allow-keyless',
    env: 'HADAL_ALLOW_KEYLESS',
    reload: 'live',
  }),
  hostNames: setting({
    kind: hostNameList,
    default: [],
    doc: 'Additional host names accepted by a keyless loopback service, in addition to `localhost`; `*` for all. Other names are rejected to prevent DNS rebinding.',
    group: 'Security',
    unit: null,
    flag: '--host-names <list>',
    env: 'HADAL_HOST_NAMES',
    reload: 'live',
  }),
  trustProxy: setting({
    kind: addresses,
    default: [],
    doc: 'Addresses of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` headers are trusted; others are ignored.',
    group: 'Security',
    unit: null,
    flag: '--trust-proxy <list>',
    env: 'HADAL_TRUST_PROXY',
    reload: 'live',
  }),
  tlsCert: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'none: HTTP',
    doc: 'PEM file with the certificate chain. Enables HTTPS. Reloaded when it changes.',
    group: 'Security',
    unit: null,
    flag: '--tls-cert <file>',
    env: 'HADAL_TLS_CERT',
  }),
  tlsKey: setting({
    kind: optional(text),
    default: undefined,
    doc: 'PEM file with the certificate’s private key.',
    group: 'Security',
    unit: null,
    flag: '--tls-key <file>',
    env: 'HADAL_TLS_KEY',
  }),
}
