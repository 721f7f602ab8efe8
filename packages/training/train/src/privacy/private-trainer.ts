/**
 * Private training for custom loops: draws the rows of a step, clips per-sample gradients, adds noise, keeps the ledger, and stops
 * at the budget. Trains any module of @hadal/nn layers; the caller applies the gradients.
 */

import {
  checkReported,
  clippedGradients,
  layersOf,
  type Module,
  type PrivateBackward,
  type Tape,
  unsupportedLayers,
} from '@hadal/nn'
import { addSteps, type Ledger } from '@hadal/privacy'
import { scope, type Tensor, torch } from '@hadal/tensor'
import { addGradients } from '../memory/within-memory.ts'
import { epsilonSpent, isAsPlanned, stepsLeft } from './budget.ts'
import { drawRows, secureWords, seededWords } from './draw-rows.ts'
import { budgetSpent, layersNotPrivate, privacyInvalid } from './errors.ts'
import { budgetIssues, optionIssues } from './option-issues.ts'
import { type PrivacyOptions, type PrivacyPlan, planPrivacy } from './privacy-options.ts'
import { makePrivateMean } from './private-mean.ts'
import { RowCount, type RowFigures } from './row-figures.ts'

export interface PrivateTrainerOptions extends Partial<Omit<PrivacyOptions, 'replaceLayers'>> {
  /** Rows of the training data. */
  readonly rows: number
  /** Rows that a step reads in the mean. */
  readonly batch: number
  /** Steps of the whole training. */
  readonly steps: number
  /** Maximum rows per pass. Default: 1.5 batches, so that most steps are one pass. */
  readonly rowsPerPass?: number
  /** Adjacent model rows that are views of one data row. Default 1. */
  readonly rowsPerSample?: number
  /** If `secure` is false: seeds the sampling of rows. Noise comes from libtorch's generator (`manualSeed`). Default 1. */
  readonly seed?: number
}

export interface PrivateStep extends RowFigures {
  /** The private mean, fp32, in the order of `model.parameters()` that require one; in the caller's scope. */
  readonly gradients: readonly Tensor[]
  /** Summed over the rows read; not covered by the guarantee. */
  readonly loss: number
}

/** The summed loss of rows of the data, by their numbers; a model that runs on a tape runs on the one given. */
export type RowsLoss = (rows: readonly number[], tape: Tape) => Tensor

/** Survives JSON. */
export interface PrivateTrainerState {
  readonly steps: number
  readonly ledger: Ledger
}

/**
 * Private steps for a custom training loop: the rows of each step, their clipped noisy gradients, and the budget spent.
 *
 * @example
 * ```ts
 * import { initializeLayers, Linear } from '@hadal/nn'
 * import { PrivateTrainer } from '@hadal/train'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Linear(8, 2, 'float32', true)
 * initializeLayers(model)
 * const trainer = new PrivateTrainer(model, { rows: 10_000, batch: 256, steps: 1_000, epsilon: 3, delta: 1e-5 })
 * const x = torch.randn([10_000, 8])
 * const { gradients, loss } = trainer.step((rows) => model.forward(x.get([...rows])).square().mean())
 * ```
 */
export class PrivateTrainer {
  readonly plan: PrivacyPlan
  readonly #options: PrivateTrainerOptions
  readonly #parameters: ReadonlyMap<string, Tensor>
  #ledger: Ledger
  #steps = 0
  #left: number
  #isChecked = false

  /** Throws `train_privacy_invalid` with every issue, and `train_layers_not_private`. */
  constructor(model: Module, options: PrivateTrainerOptions) {
    const { rows, batch, steps } = options
    const work = { rows, expectedRows: batch, steps, recomputes: false }
    const names = { expectedRows: 'batch', steps: 'steps' }
    const own = [...countIssues(options), ...optionIssues(options)]
    const issues = own.length > 0 ? own : budgetIssues(options, work, names)
    if (issues.length > 0) throw privacyInvalid(issues)
    this.plan = planPrivacy(options, work)
    checkLayers(model, this.plan)
    this.#options = options
    this.#parameters = new Map([...model.parameters()].filter(([, { requiresGrad }]) => requiresGrad))
    if (this.#parameters.size === 0)
      throw privacyInvalid(['the model has no parameter that requires a gradient'])
    this.#ledger = this.plan.spent
    this.#left = steps
  }

  /**
   * One step; its gradients can be passed to an optimizer. Throws `train_budget_spent` after the last step within the budget, and
   * in the first step `nn_uses_untold` if the loss uses parameters outside instrumented layers.
   */
  step(loss: RowsLoss): PrivateStep {
    const { plan } = this
    if (this.isDone) throw budgetSpent(this.epsilon, plan.epsilon ?? this.epsilon, plan.delta, this.#steps)
    const { rowsPerPass = Math.ceil(1.5 * plan.expectedRows), seed = 1 } = this.#options
    const words = plan.secure ? secureWords : seededWords(seed, this.#steps)
    const drawn = drawRows(plan.rows, plan.sampleRate, words)
    return scope(() => {
      const count = new RowCount()
      let summedLoss = 0
      let sum: readonly Tensor[] | undefined
      for (let start = 0; start < drawn.length; start += rowsPerPass) {
        const rows = drawn.slice(start, start + rowsPerPass)
        const made = scope(() => this.#clipped(rows, loss, count))
        summedLoss += made.loss
        if (sum) addGradients(sum, made.gradients)
        else sum = made.gradients
      }
      // fp32 noise has gaps, through which finer differences would show.
      const gradients = (sum ?? [...this.#parameters.values()].map(zeros)).map((each) => each.float())
      makePrivateMean(gradients, plan)
      const { noiseMultiplier, sampleRate } = plan
      this.#ledger = addSteps(this.#ledger, { noiseMultiplier, sampleRate, steps: 1 })
      this.#steps += 1
      this.#left -= 1
      return { ...count.figures, gradients, loss: summedLoss }
    })
  }

  #clipped(rows: readonly number[], loss: RowsLoss, count: RowCount): { loss: number; gradients: Tensor[] } {
    const { clipping, mode } = this.plan
    const names = [...this.#parameters.keys()]
    const of: PrivateBackward = {
      samples: rows.length,
      rowsPerSample: this.#options.rowsPerSample ?? 1,
      clipping,
      mode,
      parameters: [...this.#parameters.values()],
      names,
      layers: layersOf(names),
      loss: (tape, sample) => loss(sample === undefined ? rows : [rows[sample]!], tape),
    }
    // For unknown modules: two extra passes, once.
    if (!this.#isChecked && mode !== 'exact') checkReported(of)
    this.#isChecked = true
    const made = clippedGradients(of)
    count.add(made)
    return { loss: made.loss, gradients: made.gradients }
  }

  /** Whether all steps are done or the budget is spent. */
  get isDone(): boolean {
    return this.#left <= 0
  }

  /** Spent so far. */
  get epsilon(): number {
    return epsilonSpent(this.#ledger, this.plan)
  }

  get state(): PrivateTrainerState {
    return { steps: this.#steps, ledger: this.#ledger }
  }

  /** Restores the state of a trainer with the same options. */
  restore({ steps, ledger }: PrivateTrainerState): void {
    const { plan } = this
    this.#steps = steps
    this.#ledger = ledger
    const paid = isAsPlanned(plan, ledger, steps) ? Number.POSITIVE_INFINITY : stepsLeft(plan, ledger)
    this.#left = Math.min(plan.steps - steps, paid)
  }
}

/** Returns every issue as a sentence that begins with the key. */
function countIssues(options: PrivateTrainerOptions): string[] {
  const { batch, rows, steps, rowsPerPass = 1, rowsPerSample = 1 } = options
  const counts = { rows, steps, rowsPerPass, rowsPerSample }
  const issues = Object.entries(counts).flatMap(([key, value]) =>
    Number.isSafeInteger(value) && value >= 1
      ? []
      : [`${key} is ${value}; it must be a whole number of at least 1`],
  )
  return batch > 0 ? issues : [...issues, `batch is ${batch}; it must be above 0`]
}

/** Throws `train_layers_not_private` where a model has layers that `mode` cannot do. */
export function checkLayers(model: Module, { mode }: Pick<PrivacyPlan, 'mode'>): void {
  const refused = unsupportedLayers(model).filter(({ mixesSamples }) => mixesSamples || mode !== 'exact')
  if (refused.length > 0) throw layersNotPrivate(refused)
}

const zeros = ({ shape }: Tensor): Tensor => torch.zeros([...shape])
