/** The thread that owns an audit file, so that a slow or full disk blocks nothing else. Replies to messages in order. */

import { parentPort, workerData } from 'node:worker_threads'
import { HadalError, messageOf } from '@hadal/base'
import { AuditFile, type Retention } from './audit-file.ts'
import { type AuditQuery, type AuditRecord, digestOf, type NewRecord } from './audit-record.ts'

/** Without the text: the thread computes the digest, which is the slowest part. */
export interface ToWrite {
  readonly record: NewRecord
  readonly text: string
}

export interface AuditThreadData extends Retention {
  readonly path: string
  readonly readOnly: boolean
  readonly digestKey: string | undefined
  readonly now: number
}

export type AuditRequest =
  | { readonly type: 'write'; readonly batch: readonly ToWrite[]; readonly now: number }
  | { readonly type: 'read'; readonly query: AuditQuery }
  | { readonly type: 'prune'; readonly now: number }
  | { readonly type: 'close' }

export interface AuditAnswer {
  readonly records?: readonly AuditRecord[]
  /** Why it failed. */
  readonly error?: string
  /** A retry would fail as well: the error is not one of the audit file. */
  readonly isLasting?: boolean
  /** Used instead of `error` for errors with a code. */
  readonly hadalError?: ReturnType<HadalError['toJSON']>
}

const data = workerData as AuditThreadData
const port = parentPort!
/** By the timestamps of written records. */
const pruneMillis = 60_000
/** After this many inserts, `maxRows` may be exceeded. */
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
    if (request.type === 'write') write(file, request.batch, request.now)
    else if (request.type === 'prune') prune(file, request.now)
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

function write(file: AuditFile, batch: readonly ToWrite[], now: number): void {
  file.write(batch.map(({ record, text }) => ({ ...record, digest: digestOf(text, data.digestKey) })))
  sincePruned += batch.length
  if (Math.abs(now - prunedAt) < pruneMillis && sincePruned < Math.min(pruneRows, data.maxRows)) return
  prune(file, now)
}

function prune(file: AuditFile, now: number): void {
  if (data.readOnly) return
  ;[prunedAt, sincePruned] = [now, 0]
  try {
    file.prune(now, data)
  } catch {
    // The write succeeded; the next pruning retries the deletion.
  }
}
