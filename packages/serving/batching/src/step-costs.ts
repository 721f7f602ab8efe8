/**
 * A model of step duration learned from the steps made: a constant plus coefficients per new token, per prompt token and per
 * context token they attend to. Weighted least squares with exponential forgetting, so it tracks a machine with varying load.
 * Pure; the times are arguments.
 */

/** The work of a step. */
export interface StepWork {
  /** New tokens, including draft tokens. */
  readonly decodeTokens: number
  readonly prefillTokens: number
  /** Context tokens attended to, summed over all rows. */
  readonly attendedTokens: number
}

/** In milliseconds; none is negative. */
export interface StepCoefficients {
  readonly perStep: number
  readonly perDecodeToken: number
  readonly perPrefillToken: number
  readonly perAttendedToken: number
}

/** Each step reduces the weight of the earlier ones by this factor. */
const memory = 0.995
/** Regularises coefficients that were never observed separately towards zero, in units of squared work. */
const ridge = 1e-3
/** Weight of the newest deviation. */
const newestWeight = 0.05
/** Steps needed before the coefficients are meaningful. */
const minSteps = 8
/** A step this many times slower than predicted reflects the machine's load rather than its work. */
const outlier = 4
/** Scales the four terms to similar magnitude. */
const scale = [1, 0.1, 0.01, 0.0001] as const

/**
 * Predicts the duration of a step on this machine from those already made.
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

  /**
   * `memory`: the factor by which each step reduces the weight of the earlier ones; 1 for measurements under constant
   * conditions.
   */
  constructor({ memory: kept = memory }: { readonly memory?: number } = {}) {
    this.#memory = kept
  }

  /** Whether there are enough observations for predictions. */
  get areKnown(): boolean {
    return this.#steps >= minSteps
  }

  /** `weight`: how many observations it counts as. */
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

  /** The predicted duration of a step. */
  millis(work: StepWork): number {
    const solved = this.#solved()
    return partsOf(work).reduce((sum, part, at) => sum + part * solved[at]!, 0)
  }

  /** The typical deviation from the prediction, in milliseconds. */
  get deviationMillis(): number {
    return this.#deviation
  }

  /**
   * Prompt tokens that fit into a step alongside `decodes` within `boundMillis`; each attends to `context` tokens. While few
   * steps with prompts have been observed, a prompt token is assumed to cost at least as much as a new token with its whole
   * step: one or two measurements on a busy machine could make it look free.
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

  /** Terms that would be negative are dropped one after another. */
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

/** Prompt tokens per step are at least this many, however short the step should be. */
const minPrefillTokens = 8

/**
 * Prompt tokens that the next step may compute in addition to `decodes` within `itlMillis`; `context` is the longest context
 * that these attend to. Undefined (no bound) until enough steps were observed.
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
