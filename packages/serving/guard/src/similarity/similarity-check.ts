/**
 * Is a part of a text like a known attack? How like it has to be says a false-positive rate, by what benign texts of the
 * language look like; or one cosine for all, which is what is often written and seldom right.
 */

import { type Calibration, calibrate, suspicionOf } from '../calibration.ts'
import type { Check, CheckResult, Finding, Language, Screened } from '../check.ts'
import type { AttackIndex, Comparison, Nearest } from './attack-index.ts'
import { whenKnown } from './encoded-windows.ts'
import { similarityUncalibrated } from './errors.ts'

export type SimilarityCheckOptions =
  | {
      /** Share of benign texts of a language that may be found. */
      readonly falsePositiveRate: number
      /** From `calibrateSimilarity`. Absent: the one in the index's file. */
      readonly calibration?: Calibration
    }
  | {
      /** From here on everything is found, in any language. */
      readonly cosine: number
    }

/**
 * Synchronous where the encoders are. Throws `guard_similarity_uncalibrated`.
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
  return (asked) =>
    whenKnown(index.compare(asked.views.map(({ text }) => text)), (compared) =>
      compared.unread === undefined ? find(asked, compared) : { findings: [], abstained: compared.unread },
    )
}

type Find = (asked: Screened, compared: Comparison) => CheckResult

function findByCosine(least: number): Find {
  return (asked, { nearest }) => {
    const best = nearest.reduce<Nearest | undefined>(
      (best, one) => (best === undefined || one.cosine > best.cosine ? one : best),
      undefined,
    )
    return { findings: best !== undefined && best.cosine >= least ? [findingOf(asked, best)] : [] }
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
  return (asked, compared) => {
    const best = maxSuspicious(calibration, compared)
    if (best === undefined) return { findings: [], abstained: 'language' }
    const { nearest, suspicion } = best
    return { findings: suspicion >= 1 - falsePositiveRate ? [findingOf(asked, nearest)] : [], suspicion }
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

/** By its own language; where a language has no calibration, nothing can be said of it. */
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
 * The more windows, the higher the highest of them by chance: where a share s of single benign windows lies lower, all n
 * windows of a benign text do in a share s^n.
 */
export function amongMany(suspicion: number, windows: number): number {
  return suspicion ** windows
}

/**
 * How near windows of benign texts come to the attacks. Of texts that the attacks were sifted by, this is too little.
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
