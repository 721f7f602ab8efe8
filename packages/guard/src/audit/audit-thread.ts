/** The thread that holds the file of an audit: a slow or full disk holds up nobody else. Answers every message, in order. */

import { parentPort, workerData } from 'node:worker_threads'
import { HadalError, messageOf } from '@hadal/base'
import { AuditFile, type Retention } from './audit-file.ts'
import {
  type AuditQuery,
  type AuditRecord,
  type RecordSettings,
  recordOf,
  type TimedEntry,
} from './audit-record.ts'

export interface AuditThreadData extends Retention, RecordSettings {
  readonly path: string
  readonly readOnly: boolean
  readonly now: number
}

export type AuditRequest =
  | { readonly type: 'write'; readonly entries: readonly TimedEntry[]; readonly now: number }
  | { readonly type: 'read'; readonly query: AuditQuery }
  | { readonly type: 'close' }

export interface AuditAnswer {
  readonly records?: readonly AuditRecord[]
  /** Why nothing came of it. */
  readonly error?: string
  /** It is no fault of the file, so trying again is in vain. */
  readonly isLasting?: boolean
  /** In the place of `error` where it has a code. */
  readonly hadalError?: ReturnType<HadalError['toJSON']>
}

const data = workerData as AuditThreadData
const port = parentPort!
/** By the clock of what is written. */
const pruneMillis = 60_000
/** So many new ones may be more than `maxRows` allows. */
const pruneRows = 1000
let [prunedAt, sincePruned] = [data.now, 0]

try {
  const file = await AuditFile.open(data.path, data)
  if (!data.readOnly) file.prune(data.now, data)
  port.postMessage({} satisfies AuditAnswer)
  port.on('message', (request: AuditRequest) => port.postMessage(answer(file, request)))
} catch (error) {
  port.postMessage(
    error instanceof HadalError
      ? { hadalError: error.toJSON() }
      : { error: messageOf(error), isLasting: true },
  )
}

function answer(file: AuditFile, request: AuditRequest): AuditAnswer {
  try {
    if (request.type === 'read') return { records: file.read(request.query) }
    if (request.type === 'write') write(file, request.entries, request.now)
    else {
      file.close()
      port.close()
    }
    return {}
  } catch (error) {
    const { code = '' } = error as { code?: string }
    const isOfFile = code.startsWith('SQLITE_') && !code.startsWith('SQLITE_CONSTRAINT')
    return { error: messageOf(error), isLasting: !isOfFile }
  }
}

function write(file: AuditFile, entries: readonly TimedEntry[], now: number): void {
  file.write(entries.map((entry) => recordOf(entry, data)))
  sincePruned += entries.length
  if (Math.abs(now - prunedAt) < pruneMillis && sincePruned < Math.min(pruneRows, data.maxRows)) return
  ;[prunedAt, sincePruned] = [now, 0]
  try {
    file.prune(now, data)
  } catch {
    // What is written is written; the next time deletes what this one could not.
  }
}
