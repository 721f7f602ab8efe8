/**
 * Carries out the course of a run with quantisation: what the model computes in, when its weights and activations are rounded, what
 * its observers see. What it remembers is in checkpoints; where it is follows from the steps that are done.
 */

import {
  BatchNorm2d,
  computeDtype,
  FakeQuantization,
  int8Weights,
  LossScaler,
  lossScaleDefaults,
  type Module,
  namedModules,
  type Precision,
  uint8Activations,
} from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'
import type { Evaluated } from '../evaluate.ts'
import { isLanguageRun, kindOf } from '../kinds/kind-of.ts'
import type { Run } from '../run.ts'
import type { StartingWeights } from '../starting-weights.ts'
import { courseOf } from './course-of.ts'
import { PhasedWeights } from './phased-weights.ts'
import { type Course, changeAt, type Phase, phaseAt } from './phases.ts'
import type { RunQuantization } from './quantization-options.ts'
import { RoundedAdapters } from './rounded-adapters.ts'
import { roundingsOf } from './roundings.ts'

export class Quantizer {
  readonly weights: PhasedWeights
  /** What was to be quantised and stays as it is, in words. */
  readonly notes: readonly string[]
  readonly #course: Course
  /** Of models whose layers round in passes. */
  readonly #passes: FakeQuantization | undefined
  /** Of decoders whose layers round what they read. */
  readonly #inputs: FakeQuantization | undefined
  /** Of a frozen decoder with adapters beside it. */
  readonly #adapters: RoundedAdapters | undefined
  /** Of steps in fp16. */
  readonly #lossScaler: LossScaler | undefined
  #phase: Phase | undefined

  /** `module` has its weights by now; the quantizer stands before the first step. Its tensors belong to the caller's scope. */
  constructor(run: Run, module: Module, { weights: whole, adapters }: StartingWeights) {
    const options = courseOf(run)!
    const ofLayers = kindOf(run.model).quantizes === 'layers'
    this.#course = options
    const roundings = isLanguageRun(run) ? roundingsOf(run.model, options) : { of: new Map(), notes: [] }
    this.weights = new PhasedWeights(whole, roundings.of, staysFp32(module))
    if (ofLayers) this.#passes = new FakeQuantization(module, schemesOf(options))
    else if (options.activations === 'int8')
      this.#inputs = new FakeQuantization(module, schemesOfInputs(options))
    if (adapters) this.#adapters = new RoundedAdapters(module, adapters, roundings.of)
    // A name of no layer is told of by both.
    this.notes = [
      ...new Set([...roundings.notes, ...(this.#passes?.notes ?? []), ...(this.#inputs?.notes ?? [])]),
    ]
    if (options.half === 'fp16') this.#lossScaler = new LossScaler(lossScaleDefaults)
    this.enter(0)
  }

  /** Whether the model is what it is to become: before that, held-out losses say nothing of it. */
  get isQuantizing(): boolean {
    return this.#phase?.isQuantizing ?? false
  }

  /** Only while steps are computed in fp16. */
  get lossScaler(): LossScaler | undefined {
    return this.#phase?.compute === 'fp16' ? this.#lossScaler : undefined
  }

  /** Before the step after `step` steps; returns what changes with it, in words. */
  enter(step: number): string | undefined {
    const before = this.#phase
    const now = phaseAt(this.#course, step)
    this.#phase = now
    if (before?.compute !== now.compute || before.isQuantizing !== now.isQuantizing)
      this.#setQuantizing(now.compute, now.isQuantizing)
    this.#passes?.setObserving(now.isObserving)
    this.#passes?.freezeNorms(now.areNormsFrozen)
    return changeAt(this.#course, step)
  }

  /** Of the quantised model; while it is one, `unquantizedLoss` beside it is that of the weights and activations as they are. */
  evaluate(compute: () => Evaluated): Evaluated {
    const quantized = this.reading(compute)
    if (!this.#phase?.isQuantizing) return quantized
    const { compute: precision } = this.#phase
    this.#setQuantizing(precision, false)
    try {
      const { loss: unquantizedLoss } = this.reading(compute)
      return { ...quantized, measures: { ...quantized.measures, unquantizedLoss } }
    } finally {
      this.#setQuantizing(precision, true)
    }
  }

  #setQuantizing(precision: Precision, on: boolean): void {
    this.#passes?.setQuantizing(on)
    this.#inputs?.setQuantizing(on)
    this.#adapters?.setQuantizing(on, this.#inputs !== undefined)
    this.weights.compute(computeDtype[precision], on)
  }

  /** Runs `body` while observers look away. */
  reading<T>(body: () => T): T {
    return this.#passes ? this.#passes.pausing(body) : body()
  }

  /** All that later steps depend on, by name. */
  state(): Map<string, Tensor> {
    return new Map([
      ...(this.#lossScaler?.state() ?? []),
      ...[...(this.#passes?.state() ?? [])].map(
        ([name, tensor]) => [`quantization.${name}`, tensor] as const,
      ),
    ])
  }
}

/** Of models whose layers round in passes. */
export const schemesOf = ({
  activations,
  observer,
  averaging,
  skip,
}: RunQuantization): ConstructorParameters<typeof FakeQuantization>[1] => ({
  // Ranges of what weights are now, not of what they were.
  weights: { ...int8Weights, observer: 'moving-average', averaging: 1 },
  activations: activations === 'none' ? undefined : { ...uint8Activations, observer, averaging },
  skip,
})

/** Of decoders whose layers round what they read as it comes. */
export const schemesOfInputs = ({
  skip,
}: Pick<RunQuantization, 'skip'>): ConstructorParameters<typeof FakeQuantization>[1] => ({
  weights: undefined,
  activations: 'Q8_0',
  skip,
})

/** What is not to lose bits in 16 of them: norms of batches, and corrections of experts. */
function staysFp32(module: Module): (name: string) => boolean {
  const norms = new Set(
    [...namedModules(module)].flatMap(([name, each]) => (each instanceof BatchNorm2d ? name : [])),
  )
  return (name) =>
    norms.has(name.replace(/\.(weight|bias)$/, '')) || name.endsWith('.e_score_correction_bias')
}
