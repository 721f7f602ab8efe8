/** The thread that holds the file of an audit: a slow or full disk holds up nobody else. Answers every message, in order. */

import { parentPort, workerData } from 'node:worker_threads'
import { HadalError, messageOf } from '@hadal/base'
import { AuditFile, type Retention } from './audit-file.ts'
import { type AuditQuery, type AuditRecord, digestOf, type NewRecord } from './audit-record.ts'

/** Its text is no part of it: the thread makes the digest, which takes longest. */
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
    // What is written is written; the next time deletes what this one could not.
  }
}
