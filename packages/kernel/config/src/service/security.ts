/** Security settings: administrators, trusted proxies, TLS. */

import { addresses, flag, hostNameList, optional, text, texts, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface SecuritySettings {
  /** Keys of those who may use the administrator's routes (docs/security.md lists them), and all others. Without any, only this machine itself may. */
  readonly adminKeys: readonly string[]
  /** Port of its own for the administrator's routes, which are then not found at the other one; 0 picks a free one. */
  readonly adminPort: number | undefined
  /** Address of `adminPort`. */
  readonly adminHost: string
  /** Whether `GET /metrics` is an administrator's route, too. */
  readonly privateMetrics: boolean
  /** Listen where other machines reach it although no key is asked for: whoever reaches the port may use the model. */
  readonly allowKeyless: boolean
  /** Names by which clients may call a service that listens on this machine only and asks for no key, beside `localhost` and its addresses; `*` for all. Other names are refused: a web page could have made them up. */
  readonly hostNames: readonly string[]
  /** Proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed, by address; those of others are ignored. */
  readonly trustProxy: readonly string[]
  /** PEM file with the certificate and those between it and the root: the service speaks HTTPS. It is read again when it changes. */
  readonly tlsCert: string | undefined
  /** PEM file with the certificate's key. */
  readonly tlsKey: string | undefined
}

export const securitySettings: SettingsTable<SecuritySettings> = {
  adminKeys: setting({
    kind: texts,
    default: [],
    doc: "Keys of those who may use the administrator's routes (docs/security.md lists them), and all others. Without any, only this machine itself may.",
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
    defaultDoc: 'none: they are at `port`',
    doc: "Port of its own for the administrator's routes, which are then not found at the other one; 0 picks a free one.",
    group: 'Security',
    unit: null,
    flag: '--admin-port <number>',
    env: 'HADAL_ADMIN_PORT',
  }),
  adminHost: setting({
    kind: text,
    default: '127.0.0.1',
    doc: 'Address of `adminPort`.',
    group: 'Security',
    unit: null,
    flag: '--admin-host <address>',
    env: 'HADAL_ADMIN_HOST',
  }),
  privateMetrics: setting({
    kind: flag,
    default: false,
    doc: "Whether `GET /metrics` is an administrator's route, too.",
    group: 'Security',
    unit: null,
    flag: '--private-metrics',
    env: 'HADAL_PRIVATE_METRICS',
    reload: 'live',
  }),
  allowKeyless: setting({
    kind: flag,
    default: false,
    doc: 'Listen where other machines reach it although no key is asked for: whoever reaches the port may use the model.',
    group: 'Security',
    unit: null,
    flag: '--allow-keyless',
    env: 'HADAL_ALLOW_KEYLESS',
    reload: 'live',
  }),
  hostNames: setting({
    kind: hostNameList,
    default: [],
    doc: 'Names by which clients may call a service that listens on this machine only and asks for no key, beside `localhost` and its addresses; `*` for all. Other names are refused: a web page could have made them up.',
    group: 'Security',
    unit: null,
    flag: '--host-names <list>',
    env: 'HADAL_HOST_NAMES',
    reload: 'live',
  }),
  trustProxy: setting({
    kind: addresses,
    default: [],
    doc: 'Proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed, by address; those of others are ignored.',
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
    doc: 'PEM file with the certificate and those between it and the root: the service speaks HTTPS. It is read again when it changes.',
    group: 'Security',
    unit: null,
    flag: '--tls-cert <file>',
    env: 'HADAL_TLS_CERT',
  }),
  tlsKey: setting({
    kind: optional(text),
    default: undefined,
    doc: "PEM file with the certificate's key.",
    group: 'Security',
    unit: null,
    flag: '--tls-key <file>',
    env: 'HADAL_TLS_KEY',
  }),
}
