/**
 * A thread for expensive queries: rendering manifests, linting pasted text, loading a cluster client. Started by the first query and
 * stopped when idle; hangs and out-of-memory failures affect its queries only.
 */

import type { Worker } from 'node:worker_threads'
import { HadalError, type HadalErrorFields, messageOf, startThread } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { readerBusy, readFailed, readTimedOut } from './errors.ts'
import type { QuestionName, Questions } from './questions.ts'

export interface Requested {
  readonly id: number
  readonly name: QuestionName
  readonly given: unknown
}

export type Answered =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly refused: HadalErrorFields & { readonly message: string } }
  | { readonly id: number; readonly failed: string }

export interface ReadingPlace extends Pick<Terminal, 'env' | 'folder'> {
  readonly maxMegabytes: number
}

interface Pending {
  readonly name: QuestionName
  readonly timer: NodeJS.Timeout
  resolve(answer: unknown): void
  reject(error: Error): void
}

const maxPending = 8
const idleMillis = 120_000

export class ReadingThread implements AsyncDisposable {
  readonly #place: ReadingPlace
  readonly #pending = new Map<number, Pending>()
  #thread: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last = 0

  constructor(place: ReadingPlace) {
    this.#place = place
  }

  /** Throws the query's errors, `look_too_long`, `look_busy` and `look_failed`. */
  ask<Name extends QuestionName>(
    name: Name,
    given: Parameters<Questions[Name]>[0],
    limitMillis: number,
  ): ReturnType<Questions[Name]> {
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#pending.size >= maxPending)
        throw readerBusy(this.#pending.size).with({ retryAfterSeconds: 2 })
      const id = ++this.#last
      const timer = setTimeout(() => {
        this.#pending.delete(id)
        reject(readTimedOut(name, limitMillis))
        // The thread cannot be interrupted, and pending queries would wait forever.
        this.#end(readTimedOut(name, limitMillis))
      }, limitMillis)
      this.#pending.set(id, { name, timer, resolve, reject })
      clearTimeout(this.#idle)
      this.#started().postMessage({ id, name, given } satisfies Requested)
    })
    return answer as ReturnType<Questions[Name]>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end(readFailed('the check', 'the server is stopping'))
  }

  #started(): Worker {
    if (this.#thread !== undefined) return this.#thread
    const { env, folder, maxMegabytes } = this.#place
    const thread = startThread(import.meta.url, './reading-main', {
      workerData: { env: { ...env }, folder },
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
    })
    thread.stdout.resume()
    thread.stderr.resume()
    thread.unref()
    thread.on('message', (answered: Answered) => this.#hear(answered))
    const over = (why: string): void => {
      if (this.#thread !== thread) return
      this.#thread = undefined
      this.#rejectAll(why)
    }
    thread.on('error', (error) => over(messageOf(error)))
    thread.on('exit', (code) => over(`its thread ended with exit code ${code}`))
    this.#thread = thread
    return thread
  }

  #hear(answered: Answered): void {
    const pending = this.#pending.get(answered.id)
    if (pending === undefined) return
    this.#pending.delete(answered.id)
    clearTimeout(pending.timer)
    if ('answer' in answered) pending.resolve(answered.answer)
    else if ('refused' in answered) pending.reject(HadalError.revive(answered.refused))
    else pending.reject(readFailed(pending.name, answered.failed))
    if (this.#pending.size > 0) return
    this.#idle = setTimeout(() => void this.#end(readFailed('the check', 'the reader was idle')), idleMillis)
    this.#idle.unref()
  }

  async #end(reason: HadalError): Promise<void> {
    clearTimeout(this.#idle)
    const thread = this.#thread
    this.#thread = undefined
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer)
      reject(reason)
    }
    this.#pending.clear()
    await thread?.terminate()
  }

  #rejectAll(why: string): void {
    for (const { name, timer, reject } of this.#pending.values()) {
      clearTimeout(timer)
      reject(readFailed(name, why))
    }
    this.#pending.clear()
  }
}
