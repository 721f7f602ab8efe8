/** What a run says about its privacy, and the numbers that follow from it. Knows nothing about models or steps. */

import type { Clipping } from '@hadal/nn'
import { type Ledger, noiseMultiplierFor } from '@hadal/privacy'

export interface PrivacyOptions {
  /** The budget: no step is made past it. Without one the noise decides, and what it spends is told. */
  readonly epsilon: number
  /** The probability with which the promise may fail. Default: 1 / (10 · rows), for at 1 / rows a whole row may be told. */
  readonly delta: number
  /** Standard deviation of the noise on a sum of gradients, in units of `clipNorm`. Default: what the budget asks for. */
  readonly noiseMultiplier: number
  /** The most that one row adds to the sum. The loss of a row is a mean over its window, or that of its class. */
  readonly clipNorm: number
  readonly clipping: Clipping['kind']
  /** Default: `ghost` where layers are computed again, `book-keeping` elsewhere. */
  readonly mode: PrivacyMode
  readonly accountant: Accountant
  /** False: rows and noise follow from the seed, so that a run resumes to the bit, and who knows the seed takes the noise away. */
  readonly secure: boolean
  /** Trains with GroupNorm in place of BatchNorm. */
  readonly replaceLayers: boolean
  /** What earlier runs spent on the same rows: it counts against the budget, too. */
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

/** What is to be trained privately, in numbers. */
export interface PrivateWork {
  /** Of training data: the units of privacy. */
  readonly rows: number
  /** That a step reads in the mean. */
  readonly expectedRows: number
  readonly steps: number
  /** Whether layers are computed again on the way back. */
  readonly recomputes: boolean
}

export interface PrivacyPlan {
  readonly rows: number
  readonly expectedRows: number
  /** The probability of each row to be in a step. */
  readonly sampleRate: number
  readonly steps: number
  readonly noiseMultiplier: number
  /** Whether the noise follows from the budget. */
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

/** Of options without faults. Throws what the accountant throws where no noise keeps within the budget. */
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
  if (mode !== undefined) return { mode, modeReason: 'as the run says' }
  return recomputes
    ? { mode: 'ghost', modeReason: 'layers are computed again, so nothing they read is kept' }
    : { mode: 'book-keeping', modeReason: 'one way back; what layers read is kept for it' }
}

type NoiseQuestion = Parameters<typeof noiseMultiplierFor>[0]

const noises = new Map<string, number>()

/** A search over an accountant, which a run is asked for again and again while it is put together. */
function noiseFor(question: NoiseQuestion): number {
  const key = JSON.stringify(question)
  const known = noises.get(key)
  if (known !== undefined) return known
  const found = noiseMultiplierFor(question)
  noises.set(key, found)
  return found
}
