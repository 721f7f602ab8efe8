/** Where the server listens, and whom it lets in. */

import { bytes, optional, text, texts, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface NetworkSettings {
  /** Address to listen on. Anything but this machine itself should have `apiKeys`. */
  readonly host: string
  /** Port to listen on, by default the one llama-server has, too; 0 picks a free one. */
  readonly port: number
  /** Keys of which clients must send one as `Authorization: Bearer`. None means everybody is let in. */
  readonly apiKeys: readonly string[]
  /** Origins of web pages that may call, such as `https://chat.example`; `localhost` for those of this machine, `*` for all. */
  readonly corsOrigins: readonly string[] | undefined
  /** Largest request body. */
  readonly bodyLimitBytes: number
}

export const networkSettings: SettingsTable<NetworkSettings> = {
  host: setting({
    kind: text,
    default: '127.0.0.1',
    doc: 'Address to listen on. Anything but this machine itself should have `apiKeys`.',
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
  }),
  corsOrigins: setting({
    kind: optional(texts),
    default: undefined,
    defaultDoc: 'none; where `apiKeys` are asked for, all',
    doc: 'Origins of web pages that may call, such as `https://chat.example`; `localhost` for those of this machine, `*` for all.',
    group: 'Network',
    unit: null,
    flag: '--cors-origins <list>',
    env: 'HADAL_CORS_ORIGINS',
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
  }),
}
