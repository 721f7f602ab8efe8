/** Network settings: listening address, keys and limits. */

import { bytes, sizeFrom, text, texts, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface NetworkSettings {
  /** Address to listen on. Anything but this machine itself needs keys, or `allowKeyless`. */
  readonly host: string
  /** Port to listen on, by default the one llama-server has, too; 0 picks a free one. */
  readonly port: number
  /** Keys of which clients must send one as `Authorization: Bearer`. None means everybody is let in. */
  readonly apiKeys: readonly string[]
  /** Origins of web pages that may call, such as `https://chat.example`; `localhost` for those of this machine, `*` for all. */
  readonly corsOrigins: readonly string[]
  /** Largest request body. */
  readonly bodyLimitBytes: number
  /** Largest request line with its headers. */
  readonly headerLimitBytes: number
  /** Headers of one request at most. */
  readonly maxHeaders: number
  /** Connections at the same time; idle ones make way, and one more is dropped unanswered. */
  readonly maxConnections: number
  /** Of them, from one address. This machine itself and the proxies of `trustProxy` may have more. */
  readonly maxConnectionsPerAddress: number
}

export const networkSettings: SettingsTable<NetworkSettings> = {
  host: setting({
    kind: text,
    default: '127.0.0.1',
    doc: 'Address to listen on. Anything but this machine itself needs keys, or `allowKeyless`.',
    group: 'Network',
    unit: null,
    flag: '--host <address>',
    env: 'HADAL_HOST',
  }),
  port: setting({
    kind: wholeNumber(0, 65_535),
    default: 8080,
    doc: 'Port to listen on, by default the one llama-server has, too; 0 picks a free one.',
    group: 'Network',
    unit: null,
    flag: '-p, --port <number>',
    env: 'HADAL_PORT',
  }),
  apiKeys: setting({
    kind: texts,
    default: [],
    doc: 'Keys of which clients must send one as `Authorization: Bearer`. None means everybody is let in.',
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
    doc: 'Origins of web pages that may call, such as `https://chat.example`; `localhost` for those of this machine, `*` for all.',
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
    doc: 'Largest request body.',
    group: 'Network',
    unit: 'bytes',
    flag: '--body-limit <size>',
    env: 'HADAL_BODY_LIMIT_BYTES',
    reload: 'live',
  }),
  headerLimitBytes: setting({
    kind: sizeFrom(1024, 1024 * 1024),
    default: 16 * 1024,
    defaultDoc: '16KiB',
    doc: 'Largest request line with its headers.',
    group: 'Network',
    unit: 'bytes',
    flag: '--header-limit <size>',
    env: 'HADAL_HEADER_LIMIT_BYTES',
  }),
  maxHeaders: setting({
    kind: wholeNumber(16, 2000),
    default: 200,
    doc: 'Headers of one request at most.',
    group: 'Network',
    unit: 'headers',
    flag: '--max-headers <headers>',
    env: 'HADAL_MAX_HEADERS',
  }),
  maxConnections: setting({
    kind: wholeNumber(1, 1_000_000),
    default: 4096,
    doc: 'Connections at the same time; idle ones make way, and one more is dropped unanswered.',
    group: 'Network',
    unit: 'connections',
    flag: '--max-connections <number>',
    env: 'HADAL_MAX_CONNECTIONS',
  }),
  maxConnectionsPerAddress: setting({
    kind: wholeNumber(1, 1_000_000),
    default: 1024,
    doc: 'Of them, from one address. This machine itself and the proxies of `trustProxy` may have more.',
    group: 'Network',
    unit: 'connections',
    flag: null,
    env: 'HADAL_MAX_CONNECTIONS_PER_ADDRESS',
    reload: 'live',
  }),
}
