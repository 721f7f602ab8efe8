/**
 * Flags texts with a part similar to a known attack. The threshold is a false-positive rate, calibrated on benign texts per language, or a
 * fixed cosine, which is common but rarely accurate.
 */

import { type Calibration, calibrate, suspicionOf } from '../calibration.ts'
import type { Check, CheckResult, Finding, Language, Screened } from '../check.ts'
import type { AttackIndex, Comparison, Nearest } from './attack-index.ts'
import { whenKnown } from './encoded-windows.ts'
import { similarityUncalibrated } from './errors.ts'

export type SimilarityCheckOptions =
  | {
      /** Maximum fraction of benign texts flagged per language. */
      readonly falsePositiveRate: number
      /** From `calibrateSimilarity`. Absent: the calibration in the index's file. */
      readonly calibration?: Calibration
    }
  | {
      /** Minimum cosine to flag, in any language. */
      readonly cosine: number
    }

/**
 * Synchronous if the encoders are. Throws `guard_similarity_uncalibrated`.
 *
 * @example
 * ```ts
 * import { AttackIndex, createGuard, similarityCheck } from '@hadal/guard'
 *
 * const check = similarityCheck(AttackIndex.open(), { cosine: 0.9 })
 * const guard = createGuard({ policy: 'off', checks: [{ name: 'similarity', layer: 'similarity', check, action: 'block' }] })
 * ```
 */
export function similarityCheck(index: AttackIndex, options: SimilarityCheckOptions): Check {
  const find = 'cosine' in options ? findByCosine(options.cosine) : findByRate(index, options)
  return (query) =>
    whenKnown(index.compare(query.views.map(({ text }) => text)), (compared) =>
      compared.unread === undefined ? find(query, compared) : { findings: [], abstained: compared.unread },
    )
}

type Find = (query: Screened, compared: Comparison) => CheckResult

function findByCosine(least: number): Find {
  return (query, { nearest }) => {
    const best = nearest.reduce<Nearest | undefined>(
      (best, one) => (best === undefined || one.cosine > best.cosine ? one : best),
      undefined,
    )
    return { findings: best !== undefined && best.cosine >= least ? [findingOf(query, best)] : [] }
  }
}

function findByRate(
  index: AttackIndex,
  {
    falsePositiveRate,
    calibration = index.calibration,
  }: { falsePositiveRate: number; calibration?: Calibration },
): Find {
  if (Object.keys(calibration).length === 0)
    throw similarityUncalibrated(index.encoders.map(({ name }) => name).join(', '))
  return (query, compared) => {
    const best = maxSuspicious(calibration, compared)
    if (best === undefined) return { findings: [], abstained: 'language' }
    const { nearest, suspicion } = best
    return { findings: suspicion >= 1 - falsePositiveRate ? [findingOf(query, nearest)] : [], suspicion }
  }
}

function findingOf({ views }: Screened, { text, window, attack, cosine }: Nearest): Finding {
  const view = views[text]!
  return {
    rule: 'similarity.known',
    span: view.toOriginal({ start: window.start, end: window.end }),
    view: view.name,
    why: `like the known attack ${attack.id} (cosine ${cosine.toFixed(2)})`,
    nearest: attack.id,
  }
}

/** Per language; abstains for languages without a calibration. */
export function maxSuspicious(
  calibration: Calibration,
  { nearest, windows }: Comparison,
): { readonly nearest: Nearest; readonly suspicion: number } | undefined {
  let best: { nearest: Nearest; suspicion: number } | undefined
  for (const one of nearest) {
    const table = calibration[one.language]
    if (table === undefined) continue
    const suspicion = amongMany(suspicionOf(table, one.cosine), windows[one.language])
    if (best === undefined || suspicion > best.suspicion) best = { nearest: one, suspicion }
  }
  return best
}

/**
 * Correction for multiple windows: if a fraction s of single benign windows scores lower, then all n windows of a benign text do with
 * probability s^n.
 */
export function amongMany(suspicion: number, windows: number): number {
  return suspicion ** windows
}

/**
 * Distribution of benign similarities. Texts used to select the attack windows would give too low values.
 *
 * @example
 * ```ts
 * import { AttackIndex, calibrateSimilarity, similarityCheck } from '@hadal/guard'
 *
 * const index = AttackIndex.open()
 * const calibration = await calibrateSimilarity(index, ['How do I bake bread?', 'What is a monad?']) // benign texts, the more the better
 * const check = similarityCheck(index, { falsePositiveRate: 0.01, calibration })
 * ```
 */
export async function calibrateSimilarity(
  index: AttackIndex,
  benign: Iterable<string>,
): Promise<Calibration> {
  const scores: Record<Language, number[]> = { en: [], zh: [], other: [] }
  for (const text of benign)
    for (const { language, cosine } of (await index.compare([text])).nearest) scores[language].push(cosine)
  const measured = (Object.keys(scores) as Language[]).filter((language) => scores[language].length > 0)
  return Object.fromEntries(measured.map((language) => [language, calibrate(scores[language])]))
}
