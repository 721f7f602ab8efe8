/**
 * Bounds on one template: steps, time, and the sizes of everything it makes. A template comes with a model and is not trusted: it
 * must not hang or exhaust the process. What a template may use grows with its source and its variables, so that a short request
 * is stopped after milliseconds. Interpretation is synchronous, so one budget is current at a time.
 */

import { TemplateFailure } from './failure.ts'

export interface Limits {
  /** Iterations, calls and writes. */
  readonly steps: number
  /** Characters of the rendered text, and of any intermediate string. */
  readonly characters: number
  /** Characters of all intermediate strings together; an item of a list counts as four. */
  readonly work: number
}

/** Wall-clock time, for what the other limits miss. */
const millis = 2000
/** Nested expressions and blocks, and nested calls of macros. */
export const maxDepth = 400

const Mi = 1024 * 1024

/**
 * `size`: characters of the source and the variables. The test of recorded templates holds these limits against long requests.
 */
export function limitsFor(size: number): Limits {
  return {
    steps: 100_000 + 64 * size,
    characters: Math.min(64 * Mi, Mi + 16 * size),
    work: Math.min(256 * Mi, 2 * Mi + 64 * size),
  }
}

const stepsBetweenChecks = 512

let current: Limits = limitsFor(0)
let deadline = Number.POSITIVE_INFINITY
let interruptAt = Number.POSITIVE_INFINITY
let interruptFrom = Number.POSITIVE_INFINITY
let steps = 0
let nextCheck = stepsBetweenChecks
let work = 0

/** Runs `act` within the limits for `size`. Throws `TemplateFailure`; a stack overflow becomes one, too. */
export function withinLimits<T>(size: number, act: () => T): T {
  const before = { current, deadline, steps, nextCheck, work }
  current = limitsFor(size)
  deadline = performance.now() + millis
  steps = 0
  nextCheck = stepsBetweenChecks
  work = 0
  try {
    return act()
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    const why = /call stack/.test(thrown.message) ? 'it nests too deeply' : thrown.message
    throw new TemplateFailure('size', why, { cause: thrown })
  } finally {
    ;({ current, deadline, steps, nextCheck, work } = before)
  }
}

/**
 * Runs `act`, which may render several templates, and interrupts it after `limit` milliseconds, or before a string of more than
 * `characters` is made: `TemplateFailure` of the kind `interrupted`.
 */
export function withinMillis<T>(
  limit: number,
  act: () => T,
  characters: number = Number.POSITIVE_INFINITY,
): T {
  const before = { interruptAt, interruptFrom }
  interruptAt = performance.now() + limit
  interruptFrom = characters
  try {
    return act()
  } finally {
    ;({ interruptAt, interruptFrom } = before)
  }
}

/** To be called in every loop that a template controls. */
export function step(): void {
  steps += 1
  if (steps < nextCheck) return
  nextCheck = steps + stepsBetweenChecks
  if (steps > current.steps) throw new TemplateFailure('time', `it takes more than ${current.steps} steps`)
  const now = performance.now()
  if (now > interruptAt) throw new TemplateFailure('interrupted', 'it takes too long')
  if (now > deadline) throw new TemplateFailure('time', `it took longer than ${millis} ms`)
}

/** To be called before a string of that length is made. */
export function spendCharacters(length: number): void {
  if (length > current.characters)
    throw new TemplateFailure('size', `it makes ${length} characters: the limit is ${current.characters}`)
  if (length > interruptFrom)
    throw new TemplateFailure('interrupted', `it makes ${length} characters at once`)
  spend(length)
}

/** Whether a text of that length may be rendered. */
export const mayRender = (length: number): boolean => length <= current.characters

export function spendItems(length: number): void {
  spend(4 * length)
}

function spend(amount: number): void {
  work += amount
  if (work > current.work)
    throw new TemplateFailure('size', `its intermediate values exceed ${current.work} characters`)
  // Long strings take long: they must not delay the check of the time.
  steps += amount >>> 8
  step()
}
