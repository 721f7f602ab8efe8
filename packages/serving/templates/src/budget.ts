/**
 * Limits of one rendering: time, and the sizes of everything it creates. Templates are part of a model and not trusted: they
 * must not hang or exhaust the process. Interpretation is synchronous, so only one budget is active at a time.
 */

import { TemplateFailure } from './failure.ts'

export interface Limits {
  readonly millis: number
  /** Maximum characters of the rendered text and of any intermediate string. */
  readonly characters: number
  /** Maximum characters of all intermediate strings together; a list item counts as four. */
  readonly work: number
  /** Maximum nesting of expressions, blocks and macro calls. */
  readonly depth: number
}

export const limits: Limits = {
  millis: 2000,
  characters: 64 * 1024 * 1024,
  work: 256 * 1024 * 1024,
  depth: 400,
}

const stepsBetweenChecks = 512

let deadline = Number.POSITIVE_INFINITY
let steps = 0
let work = 0

/** Runs `act` within `limits`. Throws `TemplateFailure`, also for a stack overflow. */
export function withinLimits<T>(act: () => T): T {
  const before = { deadline, work }
  deadline = performance.now() + limits.millis
  work = 0
  try {
    return act()
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    const why = /call stack/.test(thrown.message) ? 'it nests too deeply' : thrown.message
    throw new TemplateFailure('size', why, { cause: thrown })
  } finally {
    deadline = before.deadline
    work = before.work
  }
}

/** Call this in every loop that a template controls. */
export function step(): void {
  steps += 1
  if (steps < stepsBetweenChecks) return
  steps = 0
  checkTime()
}

function checkTime(): void {
  if (performance.now() > deadline)
    throw new TemplateFailure('time', `it took longer than ${limits.millis} ms`)
}

/** Call this before creating a string of that length. */
export function spendCharacters(length: number): void {
  if (length > limits.characters)
    throw new TemplateFailure('size', `it makes ${length} characters: the limit is ${limits.characters}`)
  spend(length)
}

export function spendItems(length: number): void {
  spend(4 * length)
}

function spend(amount: number): void {
  work += amount
  if (work > limits.work)
    throw new TemplateFailure('size', `its intermediate values exceed ${limits.work} characters`)
  // Operations on long strings count as several steps, so that the time limit is still checked often enough.
  steps += amount >>> 8
  step()
}
