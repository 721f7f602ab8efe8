/**
 * Reviews of verdicts, one JSON object per line: labelled texts for `hadal guard eval` and `hadal guard learn --benign`, with review
 * metadata. If the text was not stored, it is null and readers of labelled texts skip the line.
 */

import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type GuardReview, guardReviewSchema, parse } from '@hadal/protocol'
import { guardReviewsFull } from './errors.ts'

const most = { reviews: 10_000, bytes: 16 * 1024 * 1024 } as const
const source = 'review'

export class ReviewFile {
  readonly path: string
  /** Serializes changes. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.path = path
  }

  /** Oldest first. Invalid lines are skipped. Throws file errors. */
  async read(): Promise<GuardReview[]> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    return text.split('\n').flatMap((line) => reviewOf(line) ?? [])
  }

  /** Replaces the review selected by `replaces`. Throws `guard_reviews_full`. */
  add(review: Omit<GuardReview, 'id'>, replaces: (other: GuardReview) => boolean): Promise<GuardReview> {
    return this.#inTurn(async () => {
      const added = { id: randomUUID(), ...review }
      await this.#write([...(await this.read()).filter((other) => !replaces(other)), added])
      return added
    })
  }

  /** False if there is none. */
  remove(id: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const reviews = await this.read()
      const left = reviews.filter((review) => review.id !== id)
      if (left.length === reviews.length) return false
      await this.#write(left)
      return true
    })
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #write(reviews: readonly GuardReview[]): Promise<void> {
    const text = reviews.map(lineOf).join('')
    if (reviews.length > most.reviews || Buffer.byteLength(text) > most.bytes)
      throw guardReviewsFull(this.path, most.reviews)
    await mkdir(dirname(this.path), { recursive: true })
    // Atomic, and readable by the owner only.
    const beside = `${this.path}.new`
    await writeFile(beside, text, { mode: 0o600 })
    await rename(beside, this.path)
  }
}

function lineOf({ isAttack, text, ...rest }: GuardReview): string {
  return `${JSON.stringify({ text: text ?? null, label: isAttack ? 1 : 0, source, ...rest })}\n`
}

function reviewOf(line: string): GuardReview | undefined {
  if (line.trim() === '') return undefined
  try {
    const { text, label, source: _, id, at, ...rest } = JSON.parse(line) as Record<string, unknown>
    if ((label !== 0 && label !== 1) || typeof id !== 'string' || typeof at !== 'number') return undefined
    const said = { ...rest, isAttack: label === 1, ...(typeof text === 'string' && { text }) }
    return parse(guardReviewSchema, said).ok ? ({ role: 'user', ...said, id, at } as GuardReview) : undefined
  } catch {
    return undefined
  }
}
