/** Network settings: listening address, keys and limits. */

import { bytes, sizeFrom, text, texts, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface NetworkSettings {
  /** Address to listen on. Addresses other than loopback require keys or `allowKeyless`. */
  readonly host: string
  /** Port to listen on, by default the same as llama-server; 0 picks a free port. */
  readonly port: number
  /** API keys. Clients must send one as `Authorization: Bearer`. Without any, no authentication is required. */
  readonly apiKeys: readonly string[]
  /** Allowed CORS origins, such as `https://chat.example`; `localhost` for this machine, `*` for all. */
  readonly corsOrigins: readonly string[]
  /** Maximum request body size. */
  readonly bodyLimitBytes: number
  /** Maximum memory of the request bodies of all clients together. Further bodies are refused with 503, those that have been arriving longest first. */
  readonly bodyMemoryBytes: number
  /** Maximum size of the request line and headers. */
  readonly headerLimitBytes: number
  /** Maximum number of headers per request. */
  readonly maxHeaders: number
  /** Maximum number of connections with a request; more requests are refused with 503. When too many are open, those that have waited longest for a request are closed. Lowered to what the limit of open files allows. */
  readonly maxConnections: number
  /** Maximum number of connections per address. Loopback and the proxies of `trustProxy` are exempt. */
  readonly maxConnectionsPerAddress: number
}

export const networkSettings: SettingsTable<NetworkSettings> = {
  host: setting({
    kind: text,
    default: '127.0.0.1',
    doc: 'Address to listen on. Addresses other than loopback require keys or `allowKeyless`.',
    group: 'Network',
    unit: null,
    flag: '--host <address>',
    env: 'HADAL_HOST',
  }),
  port: setting({
    kind: wholeNumber(0, 65_535),
    default: 8080,
    doc: 'Port to listen on, by default the same as llama-server; 0 picks a free port.',
    group: 'Network',
    unit: null,
    flag: '-p, --port <number>',
    env: 'HADAL_PORT',
  }),
  apiKeys: setting({
    kind: texts,
    default: [],
    doc: 'API keys. Clients must send one as `Authorization: Bearer`. Without any, no authentication is required.',
    group: 'Network',
    unit: null,
    flag: '--api-keys <list>',
    env: 'HADAL_API_KEYS',
    secret: true,
    reload: 'live',
  }),
  corsOrigins: setting({
    kind: texts,
    default: [],
    doc: 'Allowed CORS origins, such as `https://chat.example`; `localhost` for this machine, `*` for all.',
    group: 'Network',
    unit: null,
    flag: '--cors-origins <list>',
    env: 'HADAL_CORS_ORIGINS',
    reload: 'live',
  }),
  bodyLimitBytes: setting({
    kind: bytes,
    default: 4 * 1024 * 1024,
    defaultDoc: '4MiB',
    doc: 'Maximum request body size.',
    group: 'Network',
    unit: 'bytes',
    flag: '--body-limit <size>',
    env: 'HADAL_BODY_LIMIT_BYTES',
    reload: 'live',
  }),
  bodyMemoryBytes: setting({
    kind: bytes,
    default: 256 * 1024 * 1024,
    defaultDoc: '256MiB',
    doc: 'Maximum memory of the request bodies of all clients together. Further bodies are refused with 503, those that have been arriving longest first.',
    group: 'Network',
    unit: 'bytes',
    flag: '--body-memory <size>',
    env: 'HADAL_BODY_MEMORY_BYTES',
    reload: 'live',
  }),
  headerLimitBytes: setting({
    kind: sizeFrom(1024, 1024 * 1024),
    default: 16 * 1024,
    defaultDoc: '16KiB',
    doc: 'Maximum size of the request line and headers.',
    group: 'Network',
    unit: 'bytes',
    flag: '--header-limit <size>',
    env: 'HADAL_HEADER_LIMIT_BYTES',
  }),
  maxHeaders: setting({
    kind: wholeNumber(16, 2000),
    default: 200,
    doc: 'Maximum number of headers per request.',
    group: 'Network',
    unit: 'headers',
    flag: '--max-headers <headers>',
    env: 'HADAL_MAX_HEADERS',
  }),
  maxConnections: setting({
    kind: wholeNumber(1, 1_000_000),
    default: 4096,
    doc: 'Maximum number of connections with a request; more requests are refused with 503. When too many are open, those that have waited longest for a request are closed. Lowered to what the limit of open files allows.',
    group: 'Network',
    unit: 'connections',
    flag: '--max-connections <number>',
    env: 'HADAL_MAX_CONNECTIONS',
  }),
  maxConnectionsPerAddress: setting({
    kind: wholeNumber(1, 1_000_000),
    default: 1024,
    doc: 'Maximum number of connections per address. Loopback and the proxies of `trustProxy` are exempt.',
    group: 'Network',
    unit: 'connections',
    flag: null,
    env: 'HADAL_MAX_CONNECTIONS_PER_ADDRESS',
    reload: 'live',
  }),
}
