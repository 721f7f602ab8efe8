/** A run's privacy options and the values derived from them. */

import type { Clipping } from '@hadal/nn'
import { type Ledger, noiseMultiplierFor } from '@hadal/privacy'

export interface PrivacyOptions {
  /** The budget: no step exceeds it. Without one the noise decides, and the spent epsilon is reported. */
  readonly epsilon: number
  /** The probability that the guarantee fails. Default: 1 / (10 · rows), because 1 / rows permits publishing a whole row. */
  readonly delta: number
  /** Standard deviation of the noise on a sum of gradients, in units of `clipNorm`. Default: derived from the budget. */
  readonly noiseMultiplier: number
  /** Maximum norm of a row's contribution to the sum. The loss of a row is the mean over its window, or that of its class. */
  readonly clipNorm: number
  readonly clipping: Clipping['kind']
  /** Default: `ghost` if layers are recomputed, otherwise `book-keeping`. */
  readonly mode: PrivacyMode
  readonly accountant: Accountant
  /** False: rows and noise derive from the seed, so that a run resumes bit-exactly, and anyone with the seed can remove the noise. */
  readonly secure: boolean
  /** Trains with GroupNorm in place of BatchNorm. */
  readonly replaceLayers: boolean
  /** Spent by earlier runs on the same rows; counts against the budget. */
  readonly spent: Ledger
}

export type PrivacyMode = 'book-keeping' | 'ghost' | 'exact'
export type Accountant = 'prv' | 'rdp' | 'gdp'

type Defaulted = 'clipNorm' | 'clipping' | 'accountant' | 'secure' | 'replaceLayers' | 'spent'

export const privacyDefaults: Pick<PrivacyOptions, Defaulted> = {
  clipNorm: 1,
  clipping: 'flat',
  accountant: 'prv',
  secure: true,
  replaceLayers: false,
  spent: [],
}

/** The size of a private training. */
export interface PrivateWork {
  /** Rows of training data: the units of privacy. */
  readonly rows: number
  /** Expected rows per step. */
  readonly expectedRows: number
  readonly steps: number
  /** Whether layers are recomputed in the backward pass. */
  readonly recomputes: boolean
}

export interface PrivacyPlan {
  readonly rows: number
  readonly expectedRows: number
  /** The probability of each row to be in a step. */
  readonly sampleRate: number
  readonly steps: number
  readonly noiseMultiplier: number
  /** Whether the noise is derived from the budget. */
  readonly isDerived: boolean
  readonly epsilon: number | undefined
  readonly delta: number
  readonly clipping: Clipping
  readonly mode: PrivacyMode
  readonly modeReason: string
  readonly accountant: Accountant
  readonly secure: boolean
  readonly spent: Ledger
}

/** Takes valid options. Throws what the accountant throws if no noise meets the budget. */
export function planPrivacy(given: Partial<PrivacyOptions>, work: PrivateWork): PrivacyPlan {
  const { clipNorm, clipping, accountant, secure, spent } = { ...privacyDefaults, ...given }
  const { rows, expectedRows, steps } = work
  const sampleRate = expectedRows / rows
  const { epsilon, delta = usualDelta(rows) } = given
  const noiseMultiplier =
    given.noiseMultiplier ?? noiseFor({ epsilon: epsilon!, delta, sampleRate, steps, accountant, spent })
  return {
    rows,
    expectedRows,
    sampleRate,
    steps,
    noiseMultiplier,
    isDerived: given.noiseMultiplier === undefined,
    epsilon,
    delta,
    clipping: { kind: clipping, norm: clipNorm },
    ...modeOf(given.mode, work.recomputes),
    accountant,
    secure,
    spent,
  }
}

export const usualDelta = (rows: number): number => 1 / (10 * rows)

function modeOf(
  mode: PrivacyMode | undefined,
  recomputes: boolean,
): Pick<PrivacyPlan, 'mode' | 'modeReason'> {
  if (mode !== undefined) return { mode, modeReason: 'from the run' }
  return recomputes
    ? { mode: 'ghost', modeReason: 'layers are recomputed, so their inputs are not kept' }
    : { mode: 'book-keeping', modeReason: 'one way back; what layers read is kept for it' }
}

type NoiseQuestion = Parameters<typeof noiseMultiplierFor>[0]

const noises = new Map<string, number>()

/** Searches with the accountant; cached because it is called repeatedly while a run is configured. */
function noiseFor(question: NoiseQuestion): number {
  const key = JSON.stringify(question)
  const known = noises.get(key)
  if (known !== undefined) return known
  const found = noiseMultiplierFor(question)
  noises.set(key, found)
  return found
}
