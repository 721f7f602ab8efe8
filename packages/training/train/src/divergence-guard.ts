/**
 * Decides whether a step went well and, if not, whether to roll back, lower the rate, skip or replay the batch, or stop. Decisions
 * only: refers to weights and batches by name.
 */

import type { Divergence } from './errors.ts'
import type { LayerNorms } from './layer-norms.ts'

export interface GuardOptions {
  /** A gradient norm above it, before clipping, is trouble once it lasts `patience` steps in a row. */
  readonly maxNorm: number
  readonly patience: number
  /** The learning rate is multiplied by it at each intervention, and rises again by as much as that took from 1 in `recoverSteps` good steps. */
  readonly lowerRate: number
  readonly recoverSteps: number
  /**
   * `skip`: no batch since the last good state is seen again (PaLM, arXiv:2204.02311, 5.1). `replay`: they are, at the lower rate; a
   * batch that was in trouble since then is skipped.
   */
  readonly batch: 'skip' | 'replay'
  /** Steps between snapshots for rollback. */
  readonly snapshotEverySteps: number
  /** The run ends at the next failure after N interventions. */
  readonly maxInterventions: number
}

/**
 * Defaults of the divergence guard.
 *
 * @example
 * ```ts
 * import { guardDefaults } from '@hadal/train'
 *
 * guardDefaults.maxNorm // → 100
 * ```
 */
export const guardDefaults: GuardOptions = {
  maxNorm: 100,
  patience: 3,
  lowerRate: 0.5,
  recoverSteps: 100,
  batch: 'skip',
  snapshotEverySteps: 50,
  maxInterventions: 5,
}

/** Without a guard a run ends at the first loss or gradient that is not finite. */
export const noGuard: GuardOptions = {
  ...guardDefaults,
  maxNorm: Number.POSITIVE_INFINITY,
  maxInterventions: 0,
}

/** The response to one failure. */
export interface Intervention {
  /** The run continues after this step. */
  readonly step: number
  /** The step that failed. */
  readonly failedStep: number
  readonly layer: string
  readonly batch: string
  readonly message: string
}

/** History that affects later decisions. JSON-serialisable. */
export interface GuardRecord {
  /** Multiplies the schedule's rate; in (0, 1]. */
  readonly rateFactor: number
  /** The latest steps in a row with too high a norm. */
  readonly highSteps: number
  /** The batches of the last few of them, oldest first. */
  readonly highBatches: readonly string[]
  /** Good steps since the last intervention. */
  readonly goodSteps: number
  readonly interventions: readonly Intervention[]
  /** The run has ended with it, and does so again when it is started again. */
  readonly failure?: Divergence
}

export const untroubled: GuardRecord = {
  rateFactor: 1,
  highSteps: 0,
  highBatches: [],
  goodSteps: 0,
  interventions: [],
}

/** At most N batches with high norms are named, because this is stored in every checkpoint. */
const maxNamed = 8

export interface StepReport {
  readonly failedStep: number
  readonly lastGoodStep: number
  readonly loss: number
  readonly gradientNorm: number
  /** Norms of gradients and of weights after the step, in forward order. */
  readonly layerNorms: LayerNorms
  readonly weightNorms: LayerNorms
  readonly batch: string
  /** The fp16 loss scale was too high for the step. Non-finite gradients are then expected and no failure. */
  readonly skipped?: boolean
}

export type Verdict =
  | { readonly kind: 'good'; readonly record: GuardRecord }
  | {
      readonly kind: 'intervene' | 'give-up'
      readonly record: GuardRecord
      readonly trouble: string
      readonly layer: string
      readonly batch: string
      /** The weights may be damaged: roll back to the last good state. */
      readonly rollBack: boolean
      /** Rewind the data to that state as well. */
      readonly replay: boolean
    }

export function judgeStep(options: GuardOptions, record: GuardRecord, report: StepReport): Verdict {
  const isHigh = report.gradientNorm > options.maxNorm
  const trouble = troubleOf(options, record, report)
  if (trouble === undefined && report.skipped) return { kind: 'good', record }
  if (trouble === undefined)
    return { kind: 'good', record: isHigh ? higher(record, report) : better(options, record) }
  const { interventions } = record
  // Two bad batches can alternate, so check all interventions, not only the last.
  const again = interventions.some(
    ({ batch, failedStep }) => batch === trouble.batch && failedStep > report.lastGoodStep,
  )
  const replay = options.batch === 'replay' && !again
  // A non-finite update was not applied, so weights that were good before still are.
  const doubtful = record.highSteps > 0 || (interventions.length > 0 && record.goodSteps === 0)
  const verdict = { ...trouble, replay, rollBack: trouble.harmed || doubtful || replay }
  if (interventions.length >= options.maxInterventions) return { kind: 'give-up', record, ...verdict }
  const rateFactor = record.rateFactor * options.lowerRate
  const intervention = interventionOf(report, verdict, rateFactor)
  return {
    kind: 'intervene',
    record: { ...untroubled, rateFactor, interventions: [...interventions, intervention] },
    ...verdict,
  }
}

const higher = (record: GuardRecord, { batch }: StepReport): GuardRecord => ({
  ...record,
  highSteps: record.highSteps + 1,
  highBatches: [...record.highBatches, batch].slice(-maxNamed),
})

const better = ({ lowerRate, recoverSteps }: GuardOptions, record: GuardRecord): GuardRecord => ({
  ...record,
  rateFactor: Math.min(1, record.rateFactor + (1 - lowerRate) / recoverSteps),
  highSteps: 0,
  highBatches: [],
  goodSteps: record.goodSteps + 1,
})

interface Trouble {
  readonly trouble: string
  readonly layer: string
  /** The batches since it began, the last few of many. */
  readonly batch: string
  /** The weights are not as they were before the step. */
  readonly harmed: boolean
}

/**
 * Names the layer where the failure shows: the first with non-finite weights. If only gradients are non-finite, the first in the
 * backward pass, that is the last in forward order; or, if the loss is non-finite too and the origin is unknown, the first.
 * Otherwise the layer with the largest norm.
 */
function troubleOf(options: GuardOptions, record: GuardRecord, report: StepReport): Trouble | undefined {
  const { loss, gradientNorm, layerNorms, weightNorms, batch, skipped = false } = report
  const [badWeights] = notFinite(weightNorms)
  if (badWeights !== undefined)
    return { trouble: 'non-finite weights', layer: badWeights, batch, harmed: true }
  if (!Number.isFinite(loss) || (!Number.isFinite(gradientNorm) && !skipped)) {
    const layer = notFinite(layerNorms).at(Number.isFinite(loss) ? -1 : 0) ?? largest(layerNorms)
    return { trouble: `loss ${loss} and gradient norm ${gradientNorm}`, layer, batch, harmed: false }
  }
  if (skipped) return undefined
  const { highSteps, highBatches } = higher(record, report)
  if (!(gradientNorm > options.maxNorm) || highSteps < options.patience) return undefined
  const trouble = `gradient norm ${gradientNorm.toPrecision(4)}, above ${options.maxNorm} for ${highSteps} steps`
  const unnamed = highSteps - highBatches.length
  const named = unnamed > 0 ? [`${unnamed} before`, ...highBatches] : highBatches
  return { trouble, layer: largest(layerNorms), batch: named.join(' | '), harmed: true }
}

const notFinite = (norms: LayerNorms): string[] =>
  [...norms].flatMap(([layer, norm]) => (Number.isFinite(norm) ? [] : layer))

/** A norm that is not a number is larger than any. */
const largest = (norms: LayerNorms): string =>
  [...norms].reduce((most, next) => (next[1] <= most[1] ? most : next), ['no layer', -1] as const)[0]

function interventionOf(
  { failedStep, lastGoodStep }: StepReport,
  {
    trouble,
    layer,
    batch,
    rollBack,
    replay,
  }: Omit<Trouble, 'harmed'> & { rollBack: boolean; replay: boolean },
  rateFactor: number,
): Intervention {
  const step = rollBack ? lastGoodStep : failedStep - 1
  const went = rollBack ? `rolled back to step ${step}` : 'weights unchanged'
  const data = replay ? 'batches replayed' : 'batch skipped'
  const rate = `learning rate times ${Number(rateFactor.toPrecision(3))}`
  const message = `step ${failedStep} gave ${trouble}, in ${layer}, on ${batch}: ${went}, ${data}, ${rate}`
  return { step, failedStep, layer, batch, message }
}
