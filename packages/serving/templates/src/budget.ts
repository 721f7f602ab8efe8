/**
 * Bounds on one template: time, and the sizes of all that it makes. A template comes with a model and is not trusted: it must
 * not hang or exhaust the process. Interpretation is synchronous, so one budget is current at a time.
 */

import { TemplateFailure } from './failure.ts'

export interface Limits {
  readonly millis: number
  /** Characters of the rendered text, and of any string on the way. */
  readonly characters: number
  /** Characters of all intermediate strings together; an item of a list counts as four. */
  readonly work: number
  /** Expressions and blocks inside each other, and calls of macros. */
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

/** Runs `act` within `limits`. Throws `TemplateFailure`; a stack overflow becomes one, too. */
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

/** To be called in every loop that a template controls. */
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

/** To be called before a string of that length is made. */
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
  // Long strings take long: they must not delay the check of the time.
  steps += amount >>> 8
  step()
}
