/** Resolves the running server from flags, and how to query it. */

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import { shellWord } from '@hadal/doctor'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import { askServer } from './ask-server.ts'
import type { Ask } from './take-capture.ts'

export interface ServerFlags {
  readonly url?: string
  readonly keyFile?: string
  readonly caFile?: string
}

const usualUrl = 'http://127.0.0.1:8080'

/** Where its health and metrics are, as a word of a command. */
export const serverAddress = (flags: ServerFlags): string => shellWord(baseOf(flags).href.replace(/\/$/, ''))

/** How to ask it. Throws `usage`. */
export async function serverOf(flags: ServerFlags, { folder }: Terminal): Promise<Ask> {
  const base = baseOf(flags)
  const read = (flag: string, path: string | undefined): Promise<string> | undefined =>
    path === undefined
      ? undefined
      : readFile(resolve(folder, path), 'utf8').catch((thrown: unknown) => {
          throw usage(`${flag} cannot be read: ${messageOf(thrown)}`, 'hadal doctor')
        })
  const key = (await read('--key-file', flags.keyFile))?.trim()
  if (key !== undefined && !/^[!-~]+$/.test(key))
    throw usage('--key-file must name a file with one key on one line', 'hadal doctor')
  const ca = await read('--ca-file', flags.caFile)
  return (path, limitMillis, signal) => askServer(path, limitMillis, { base, key, ca, signal })
}

/** Throws `usage`. */
function baseOf({ url = usualUrl }: ServerFlags): URL {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw usage(`--url must be an http or https URL, got ${JSON.stringify(url)}`, 'hadal doctor')
  const base = new URL(url)
  if (base.username !== '' || base.password !== '')
    throw usage('the URL must not contain a password; use --key-file', 'hadal doctor')
  // What clients of the API are given; health and metrics are alongside it.
  base.pathname = base.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  return base
}
