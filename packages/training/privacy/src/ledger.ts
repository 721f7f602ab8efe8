/** The record of private steps and their noise. A ledger is plain JSON, stored in checkpoints unchanged. */

import { ledgerInvalid } from './errors.ts'

/** Steps that were alike: each took every sample with probability `sampleRate` (Poisson) and added noise to a sum of clipped gradients. */
export interface LedgerEntry {
  /** Standard deviation of the noise in units of the clipping norm: sigma. */
  readonly noiseMultiplier: number
  /** Probability of each sample to be in a step: q, from 0 to 1. */
  readonly sampleRate: number
  readonly steps: number
}

/** In execution order; equal neighbours are merged. */
export type Ledger = readonly LedgerEntry[]

/**
 * The ledger with more steps at its end; steps like the last ones join them.
 *
 * @example
 * ```ts
 * import { addSteps } from '@hadal/privacy'
 *
 * const ledger = addSteps([], { noiseMultiplier: 1, sampleRate: 0.01, steps: 500 })
 * addSteps(ledger, { noiseMultiplier: 1, sampleRate: 0.01, steps: 500 }) // → [ { noiseMultiplier: 1, sampleRate: 0.01, steps: 1000 } ]
 * ```
 */
export function addSteps(ledger: Ledger, made: LedgerEntry): Ledger {
  checkEntry(made)
  if (made.steps === 0) return ledger
  const last = ledger.at(-1)
  if (last === undefined || !isAlike(last, made)) return [...ledger, { ...made }]
  return [...ledger.slice(0, -1), { ...last, steps: last.steps + made.steps }]
}

/**
 * How many steps a ledger holds.
 *
 * @example
 * ```ts
 * import { stepsOf } from '@hadal/privacy'
 *
 * stepsOf([
 *   { noiseMultiplier: 1, sampleRate: 0.01, steps: 500 },
 *   { noiseMultiplier: 2, sampleRate: 0.01, steps: 250 },
 * ]) // → 750
 * ```
 */
export function stepsOf(ledger: Ledger): number {
  return ledger.reduce((sum, entry) => sum + entry.steps, 0)
}

/**
 * One entry per kind of step, without free ones: the order of steps does not affect any accountant.
 *
 * @throws `ledger_invalid`
 */
export function kindsOfSteps(of: Ledger | LedgerEntry): Ledger {
  const kinds: LedgerEntry[] = []
  for (const entry of isLedger(of) ? of : [of]) {
    checkEntry(entry)
    if (entry.steps === 0 || entry.sampleRate === 0) continue
    const known = kinds.findIndex((kind) => isAlike(kind, entry))
    if (known < 0) kinds.push(entry)
    else kinds[known] = { ...entry, steps: entry.steps + (kinds[known] as LedgerEntry).steps }
  }
  return kinds
}

/** @throws `ledger_invalid` for noise that is not positive, a rate outside 0 to 1, steps that are no count */
function checkEntry({ noiseMultiplier, sampleRate, steps }: LedgerEntry): void {
  checkNoiseMultiplier(noiseMultiplier)
  checkSampleRate(sampleRate)
  checkSteps(steps)
}

export function checkNoiseMultiplier(value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw ledgerInvalid('noiseMultiplier', value, 'a number above 0')
  }
}

export function checkSampleRate(value: number): void {
  if (!(value >= 0 && value <= 1)) throw ledgerInvalid('sampleRate', value, 'a number from 0 to 1')
}

export function checkSteps(value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    throw ledgerInvalid('steps', value, 'a whole number from 0 on')
  }
}

const isLedger = (of: Ledger | LedgerEntry): of is Ledger => Array.isArray(of)

const isAlike = (one: LedgerEntry, other: LedgerEntry): boolean =>
  one.noiseMultiplier === other.noiseMultiplier && one.sampleRate === other.sampleRate
