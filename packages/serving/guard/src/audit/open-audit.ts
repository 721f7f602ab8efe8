/**
 * Every verdict, for administrators: written to a SQLite file by a thread of its own, a batch at a time. Whatever happens to the
 * file, nobody who writes waits or fails; what could not be kept is counted, and told once.
 */

import type { Worker } from 'node:worker_threads'
import {
  type Clock,
  HadalError,
  type Logger,
  messageOf,
  silentLogger,
  startThread,
  systemClock,
} from '@hadal/base'
import { type AuditEntry, type AuditQuery, type AuditRecord, recordOf } from './audit-record.ts'
import type { AuditAnswer, AuditRequest, AuditThreadData, ToWrite } from './audit-thread.ts'
import { guardAuditUnusable } from './errors.ts'

export interface AuditOptions {
  /** Older records are deleted. */
  readonly retentionMillis: number
  /** Beyond that the oldest are deleted; absent: a million. */
  readonly maxRows?: number | undefined
  /** How much of a text is kept, in UTF-16 units; absent: none, only its length and digest. */
  readonly excerptCharacters?: number | undefined
  /** Makes digests useless to who guesses texts: HMAC-SHA-256 instead of SHA-256. */
  readonly digestKey?: string | undefined
  /** The file must be there, and nothing is deleted: for who reads what another process writes. */
  readonly readOnly?: boolean | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

const batchMillis = 200
/** Handing them to the thread takes under a millisecond. */
const batchEntries = 128
/** After a batch could not be written. */
const retryMillis = 1000
/** Also where nothing is written. */
const idlePruneMillis = 3600_000
/** What waits to be written, while the file cannot be written to. */
const maxWaiting = { entries: 10_000, characters: 32 * 1024 * 1024 } as const

/**
 * Verdicts in a file of SQLite, written by a thread of its own.
 *
 * @example
 * ```ts
 * import type { Audit } from '@hadal/guard'
 * import { openAudit } from '@hadal/guard'
 *
 * const audit: Audit = await openAudit('verdicts.sqlite', { retentionMillis: 30 * 24 * 3_600_000 })
 * const blocked = await audit.read({ action: 'block', limit: 20 })
 * await audit.close()
 * ```
 */
export class Audit implements AsyncDisposable {
  readonly #thread: AuditThread
  readonly #excerptCharacters: number
  readonly #clock: Clock
  readonly #logger: Logger
  #waiting: ToWrite[] = []
  #waitingCharacters = 0
  /** How many are waiting no more. */
  #settled = 0
  #timer: NodeJS.Timeout | undefined
  readonly #pruning: NodeJS.Timeout
  #writing: Promise<void> | undefined
  #dropped = 0
  #isFailing = false
  #isClosed = false

  /** For `openAudit`. */
  constructor(thread: AuditThread, excerptCharacters: number, clock: Clock, logger: Logger) {
    this.#thread = thread
    this.#excerptCharacters = excerptCharacters
    this.#clock = clock
    this.#logger = logger
    this.#pruning = setInterval(
      () => void thread.ask({ type: 'prune', now: clock.wallClock() }),
      idlePruneMillis,
    ).unref()
  }

  /** How many verdicts could not be kept. */
  get dropped(): number {
    return this.#dropped
  }

  /** Never throws and never waits. */
  write(entry: AuditEntry): void {
    const { entries, characters } = maxWaiting
    const isFull = this.#waiting.length >= entries || this.#waitingCharacters + entry.text.length > characters
    if (this.#isClosed || isFull) {
      this.#drop(1, this.#isClosed ? 'the audit is closed' : 'too many wait to be written')
      return
    }
    const at = Math.round(this.#clock.wallClock())
    this.#waiting.push({ record: recordOf(entry, at, this.#excerptCharacters), text: entry.text })
    this.#waitingCharacters += entry.text.length
    if (this.#timer === undefined || this.#waiting.length === batchEntries) this.#schedule()
  }

  /** Newest first, those that were just written, too. Rejects with `guard_audit_unusable`. */
  async read(query: AuditQuery = {}): Promise<readonly AuditRecord[]> {
    await this.flush()
    const { records, error } = await this.#thread.ask({ type: 'read', query })
    if (error !== undefined) throw guardAuditUnusable(this.#thread.path, error)
    return records ?? []
  }

  /** Resolves when everything written so far is in the file, or could not be. */
  async flush(): Promise<void> {
    const until = this.#settled + this.#waiting.length
    while (this.#settled < until) {
      this.#begin()
      await this.#writing
      if (this.#isFailing) return
    }
  }

  /** What cannot be written now is counted as dropped. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.flush()
    if (this.#waiting.length > 0)
      this.#drop(this.#waiting.length, 'the audit was closed before they could be written')
    clearTimeout(this.#timer)
    clearInterval(this.#pruning)
    await this.#thread.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    const isFull = this.#waiting.length >= batchEntries
    const millis = this.#isFailing ? retryMillis : isFull ? 0 : batchMillis
    this.#timer = setTimeout(() => this.#begin(), millis).unref()
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#writing !== undefined || this.#waiting.length === 0) return
    this.#writing = this.#writeBatch().finally(() => {
      this.#writing = undefined
      if (this.#waiting.length > 0 && !this.#isClosed) this.#schedule()
    })
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.slice(0, batchEntries)
    const answer = await this.#thread.ask({ type: 'write', batch, now: this.#clock.wallClock() })
    if (answer.error !== undefined && !answer.isLasting) {
      if (!this.#isFailing)
        this.#logger.error(
          'the guard’s audit cannot be written; verdicts are kept in memory and tried again',
          { why: answer.error },
        )
      this.#isFailing = true
      return
    }
    this.#waiting.splice(0, batch.length)
    this.#settled += batch.length
    for (const { text } of batch) this.#waitingCharacters -= text.length
    if (answer.error !== undefined) this.#drop(batch.length, answer.error)
    else if (this.#isFailing)
      this.#logger.info('the guard’s audit is written again', { dropped: this.#dropped })
    this.#isFailing = false
  }

  #drop(count: number, why: string): void {
    if (this.#dropped === 0) this.#logger.error('verdicts are missing from the guard’s audit', { why })
    this.#dropped += count
  }
}

/**
 * Rejects with `guard_audit_unusable` or `guard_sqlite_missing`. The file and its folder are made where they are not there.
 *
 * @example
 * ```ts
 * import { createGuard, openAudit } from '@hadal/guard'
 *
 * await using audit = await openAudit('verdicts.sqlite', { retentionMillis: 30 * 24 * 3_600_000, excerptCharacters: 200 })
 * const verdict = await createGuard().screen('Ignore all previous instructions.')
 * audit.write({ requestId: 'request-1', verdict, text: 'Ignore all previous instructions.' })
 * await audit.flush()
 * ```
 */
export async function openAudit(path: string, options: AuditOptions): Promise<Audit> {
  const { retentionMillis, maxRows = 1_000_000, excerptCharacters = 0, digestKey, readOnly = false } = options
  const { clock = systemClock, logger = silentLogger } = options
  const now = clock.wallClock()
  const thread = new AuditThread({
    path,
    retentionMillis,
    maxRows,
    digestKey,
    readOnly,
    now,
  })
  const { hadalError, error } = await thread.opened
  if (hadalError !== undefined) throw HadalError.revive(hadalError)
  if (error !== undefined) throw guardAuditUnusable(path, error)
  return new Audit(thread, excerptCharacters, clock, logger)
}

/** Questions to the thread, which answers them in order. Never rejects: a thread that ended answers with that. */
class AuditThread {
  readonly opened: Promise<AuditAnswer>
  readonly path: string
  readonly #worker: Worker
  readonly #asked: ((answer: AuditAnswer) => void)[] = []
  #ended: AuditAnswer | undefined

  constructor(data: AuditThreadData) {
    this.path = data.path
    this.#worker = startThread(import.meta.url, './audit-thread', { workerData: data })
    this.opened = this.#answered()
    this.#worker.on('message', (answer: AuditAnswer) => this.#asked.shift()?.(answer))
    this.#worker.on('error', (error) => this.#end(error.message))
    this.#worker.on('exit', () => this.#end('its thread ended'))
  }

  async ask(request: AuditRequest): Promise<AuditAnswer> {
    if (this.#ended !== undefined) return this.#ended
    try {
      this.#worker.postMessage(request)
    } catch (error) {
      return { error: messageOf(error), isLasting: true }
    }
    return this.#answered()
  }

  async close(): Promise<void> {
    await this.ask({ type: 'close' })
    await this.#worker.terminate()
  }

  /** Only while an answer is awaited an audit keeps its program from ending. */
  async #answered(): Promise<AuditAnswer> {
    this.#worker.ref()
    const answer = await new Promise<AuditAnswer>((resolve) => this.#asked.push(resolve))
    if (this.#asked.length === 0) this.#worker.unref()
    return answer
  }

  #end(error: string): void {
    this.#ended ??= { error, isLasting: true }
    for (const resolve of this.#asked.splice(0)) resolve(this.#ended)
  }
}
