/**
 * What a step takes, learnt from the steps that were made: a fixed part, and so much for each new token, each prompt token and
 * each token of context that these look back at. Weighted least squares that forgets, so it follows a machine that others
 * use, too. Pure; the times are arguments.
 */

/** What a step computes. */
export interface StepWork {
  /** New tokens, guesses among them. */
  readonly decodeTokens: number
  readonly prefillTokens: number
  /** Tokens that each of them looks back at, all together. */
  readonly attendedTokens: number
}

/** Milliseconds; none is negative. */
export interface StepCoefficients {
  readonly perStep: number
  readonly perDecodeToken: number
  readonly perPrefillToken: number
  readonly perAttendedToken: number
}

/** Each step makes those before it count so much less. */
const memory = 0.995
/** Pulls what was never observed apart towards nothing, in units of squared work. */
const ridge = 1e-3
/** Weight of the newest deviation. */
const newestWeight = 0.05
/** Steps from which on the coefficients say something. */
const minSteps = 8
/** A step that takes so many times what was foreseen says more of the machine than of the work. */
const outlier = 4
/** Keeps the numbers of the four parts of alike size. */
const scale = [1, 0.1, 0.01, 0.0001] as const

/**
 * What a step takes on this machine, learnt from those that were made.
 *
 * @example
 * ```ts
 * import { StepCosts } from '@hadal/batching'
 *
 * const costs = new StepCosts()
 * for (let tokens = 1; tokens <= 64; tokens += 1) {
 *   costs.record({ decodeTokens: tokens, prefillTokens: 0, attendedTokens: 0 }, 20 + tokens) // milliseconds
 * }
 * Math.round(costs.millis({ decodeTokens: 10, prefillTokens: 0, attendedTokens: 0 })) // → 30
 * ```
 */
export class StepCosts {
  readonly #memory: number
  #moments: number[][] = Array.from({ length: 4 }, (_, row) => unit(row))
  #products = [0, 0, 0, 0]
  #steps = 0
  #prefillSteps = 0
  #deviation = 0
  #coefficients: readonly number[] | undefined

  /** `memory`: each step makes those before it count so much less; 1 where all are of one machine that did not change. */
  constructor({ memory: kept = memory }: { readonly memory?: number } = {}) {
    this.#memory = kept
  }

  /** Whether enough was seen to foresee anything. */
  get areKnown(): boolean {
    return this.#steps >= minSteps
  }

  /** `weight`: it counts as so many. */
  record(work: StepWork, millis: number, weight: number = 1): void {
    const foreseen = this.areKnown ? this.millis(work) : undefined
    const seen = foreseen === undefined ? millis : Math.min(millis, outlier * foreseen + 1)
    const parts = partsOf(work)
    for (const [row, a] of parts.entries()) {
      const moments = this.#moments[row]!
      for (const [column, b] of parts.entries())
        moments[column] = this.#memory * moments[column]! + weight * a * b
      this.#products[row] = this.#memory * this.#products[row]! + weight * a * seen
    }
    this.#steps += 1
    if (work.prefillTokens > 0) this.#prefillSteps += 1
    this.#coefficients = undefined
    if (foreseen !== undefined)
      this.#deviation += newestWeight * (Math.abs(seen - foreseen) - this.#deviation)
  }

  get coefficients(): StepCoefficients {
    const [perStep, perDecodeToken, perPrefillToken, perAttendedToken] = this.#solved().map(
      (value, part) => value * scale[part]!,
    )
    return {
      perStep: perStep!,
      perDecodeToken: perDecodeToken!,
      perPrefillToken: perPrefillToken!,
      perAttendedToken: perAttendedToken!,
    }
  }

  /** What such a step takes. */
  millis(work: StepWork): number {
    const solved = this.#solved()
    return partsOf(work).reduce((sum, part, at) => sum + part * solved[at]!, 0)
  }

  /** How far steps usually are from what was foreseen, in milliseconds. */
  get deviationMillis(): number {
    return this.#deviation
  }

  /**
   * Prompt tokens that fit into a step beside `decodes` so that it takes no longer than `boundMillis`; each looks back at `context`
   * tokens. Where few steps with prompts have shown what a prompt token takes, it counts at least as much as a new token with all of
   * its step: from one or two times of a busy machine it may look like nothing.
   */
  prefillTokensWithin(boundMillis: number, decodes: StepWork, context: number): number {
    const { perPrefillToken, perAttendedToken } = this.coefficients
    const bare = this.millis(decodes)
    const left = boundMillis - bare - this.#deviation
    if (left <= 0) return 0
    const known = perPrefillToken + perAttendedToken * context
    const isShown = perPrefillToken > 0 && this.#prefillSteps >= minSteps
    const perToken = isShown ? known : Math.max(known, bare / Math.max(1, decodes.decodeTokens))
    return perToken <= 0 ? Number.POSITIVE_INFINITY : Math.floor(left / perToken)
  }

  /** Without parts that would be negative: these are left out one after another. */
  #solved(): readonly number[] {
    if (this.#coefficients !== undefined) return this.#coefficients
    let parts = [0, 1, 2, 3]
    for (;;) {
      const values = solve(
        parts.map((row) =>
          parts.map((column) => this.#moments[row]![column]! + (row === column ? ridge : 0)),
        ),
        parts.map((row) => this.#products[row]!),
      )
      const worst = values.indexOf(Math.min(...values))
      if (parts.length === 1 || values[worst]! >= 0) {
        const solved = [0, 0, 0, 0]
        for (const [at, part] of parts.entries()) solved[part] = Math.max(0, values[at]!)
        this.#coefficients = solved
        return solved
      }
      parts = parts.filter((_, at) => at !== worst)
    }
  }
}

const unit = (row: number): number[] => [0, 0, 0, 0].map((_, column) => (row === column ? 1e-6 : 0))

const partsOf = ({ decodeTokens, prefillTokens, attendedTokens }: StepWork): readonly number[] => [
  scale[0],
  decodeTokens * scale[1],
  prefillTokens * scale[2],
  attendedTokens * scale[3],
]

/** However short a step should be, prompts progress by this many tokens in it. */
const minPrefillTokens = 8

/**
 * Prompt tokens that the next step may compute in addition to `decodes` so that it takes at most `itlMillis`; `context` is the longest
 * stretch of a prompt that these look back at. Undefined, no bound, until enough steps were seen.
 *
 * @internal
 */
export function prefillBound(
  costs: StepCosts,
  itlMillis: number,
  decodes: StepWork,
  context: number,
): number | undefined {
  if (!costs.areKnown) return undefined
  return Math.max(minPrefillTokens, costs.prefillTokensWithin(itlMillis, decodes, context))
}

/** Gaussian elimination with pivoting; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!])
  const size = rows.length
  for (let pivot = 0; pivot < size; pivot += 1) {
    let best = pivot
    for (let row = pivot + 1; row < size; row += 1)
      if (Math.abs(rows[row]![pivot]!) > Math.abs(rows[best]![pivot]!)) best = row
    const swapped = rows[best]!
    rows[best] = rows[pivot]!
    rows[pivot] = swapped
    for (let row = pivot + 1; row < size; row += 1) {
      const factor = rows[row]![pivot]! / swapped[pivot]!
      for (let column = pivot; column <= size; column += 1)
        rows[row]![column] = rows[row]![column]! - factor * swapped[column]!
    }
  }
  const values = new Array<number>(size).fill(0)
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = rows[row]![size]!
    for (let column = row + 1; column < size; column += 1) sum -= rows[row]![column]! * values[column]!
    values[row] = sum / rows[row]![row]!
  }
  return values
}
