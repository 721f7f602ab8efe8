/**
 * A journal of usage on its way to the database: what `append` returned for survives a crash of the process, and after at most
 * 50 ms a crash of the machine. Files are written one after another; a file that is entirely in the database is deleted.
 */

import {
  close,
  fdatasync,
  fsync,
  ftruncateSync,
  mkdirSync,
  open,
  openSync,
  readdirSync,
  writeSync,
} from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isHadalError, type Logger, messageOf } from '@hadal/base'
import { journalUnwritable } from './errors.ts'
import { JournalLock } from './journal-lock.ts'
import { readUsageLine, type UsageEvent, usageLine } from './usage-event.ts'

/** Starts the next file beyond this size, so that a file can be read at once. */
const fileBytes = 1024 * 1024
/** Settled requests within this time share one sync. */
const syncMillis = 50

export class Journal implements Disposable {
  readonly #folder: string
  readonly #logger: Logger
  readonly #lock: JournalLock
  /** Closed and not known to be in the database. Oldest first. */
  readonly #files: string[]
  #open: { readonly name: string; readonly fd: number; bytes: number; events: number } | undefined
  #number: number
  #syncing: NodeJS.Timeout | undefined
  /** Events that could not be written. */
  #unwritten: UsageEvent[] = []
  /** Events by file; unknown for files of an earlier process until they are read. */
  readonly #counts = new Map<string, number>()

  /** Throws `journal_in_use` or `journal_unwritable`. */
  constructor(folder: string, logger: Logger) {
    this.#folder = folder
    this.#logger = logger
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      this.#lock = new JournalLock(folder)
    } catch (cause) {
      if (isHadalError(cause)) throw cause
      throw journalUnwritable(folder, messageOf(cause)).with({ cause })
    }
    this.#files = readdirSync(folder)
      .filter((name) => /^usage-\d{12}\.jsonl$/.test(name))
      .sort()
    this.#number = Number(this.#files.at(-1)?.match(/\d+/)?.[0] ?? 0)
  }

  /** Stable across restarts with the same folder. */
  get owner(): string {
    return this.#lock.owner
  }

  /** Events not known to be in the database. */
  get backlog(): number {
    const closed = [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
    return closed + (this.#open?.events ?? 0) + this.#unwritten.length
  }

  /** Never throws: what cannot be written is kept in memory and retried. */
  append(event: UsageEvent): void {
    try {
      this.#write(event)
    } catch (error) {
      if (this.#unwritten.length === 0)
        this.#logger.error('usage cannot be written to the journal and is kept in memory', {
          folder: this.#folder,
          why: messageOf(error),
        })
      this.#unwritten.push(event)
    }
  }

  #write(event: UsageEvent): void {
    const open = this.#open ?? this.#begin()
    const line = Buffer.from(usageLine(event))
    try {
      for (let from = 0; from < line.length; ) from += writeSync(open.fd, line, from)
    } catch (error) {
      this.#undo(open)
      throw error
    }
    open.bytes += line.length
    open.events += 1
    if (open.bytes >= fileBytes) this.close()
    else this.#syncing ??= setTimeout(() => this.#sync(), syncMillis).unref()
  }

  /** A full disk may take a part of a line. The next event must not continue it. */
  #undo(open: { readonly fd: number; readonly bytes: number }): void {
    try {
      ftruncateSync(open.fd, open.bytes)
    } catch {
      this.close()
    }
  }

  #begin() {
    this.#number += 1
    const name = `usage-${String(this.#number).padStart(12, '0')}.jsonl`
    this.#open = { name, fd: openSync(join(this.#folder, name), 'ax', 0o600), bytes: 0, events: 0 }
    this.#syncFolder()
    return this.#open
  }

  /** A new file can be lost in a power failure unless its folder is synced. Some systems do not support or need that. */
  #syncFolder(): void {
    open(this.#folder, 'r', (error, fd) => {
      if (!error) fsync(fd, () => close(fd))
    })
  }

  #sync(): void {
    this.#syncing = undefined
    if (this.#open !== undefined) fdatasync(this.#open.fd, (error) => this.#report(error))
  }

  #report(error: Error | null): void {
    if (error) this.#logger.error('the journal is not safe from a power cut', { why: error.message })
  }

  /** Closes the current file so that it can be flushed. */
  close(): void {
    clearTimeout(this.#syncing)
    this.#syncing = undefined
    const open = this.#open
    if (open === undefined) return
    this.#open = undefined
    fdatasync(open.fd, (error) => {
      this.#report(error)
      close(open.fd)
    })
    this.#files.push(open.name)
    this.#counts.set(open.name, open.events)
  }

  /**
   * Passes the events on disk to `write`, file by file, and deletes each file once it resolves. Rejects with the error of
   * `write`.
   */
  async flush(write: (events: readonly UsageEvent[]) => Promise<void>): Promise<void> {
    for (const event of this.#unwritten.splice(0)) this.append(event)
    if (this.#unwritten.length > 0) {
      const kept = this.#unwritten
      await write(kept)
      this.#unwritten = this.#unwritten.filter((event) => !kept.includes(event))
    }
    this.close()
    for (let name = this.#files[0]; name !== undefined; name = this.#files[0]) {
      const path = join(this.#folder, name)
      const events = this.#read(name, await readFile(path, 'utf8'))
      this.#counts.set(name, events.length)
      if (events.length > 0) await write(events)
      await rm(path)
      this.#files.shift()
      this.#counts.delete(name)
    }
  }

  #read(name: string, text: string): UsageEvent[] {
    const lines = text.split('\n')
    const last = lines.pop()!
    const events = lines.flatMap((line, index) => {
      const event = readUsageLine(line)
      if (event === undefined)
        this.#logger.error('a line of the journal cannot be read', { name, line: index + 1 })
      return event ?? []
    })
    // A process was killed during the write: the event was never acknowledged.
    if (last !== '') this.#logger.warn('the last line of the journal was cut short', { name })
    return events
  }

  [Symbol.dispose](): void {
    this.close()
    this.#lock[Symbol.dispose]()
  }
}
