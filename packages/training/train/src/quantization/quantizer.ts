/**
 * Executes the quantisation course of a run: compute dtype, rounding of weights and activations, observers. Its state is in
 * checkpoints; its position follows from the number of steps.
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
import { isLanguageRun, kindOf } from '../kinds/kind-of.ts'
import type { Run } from '../run.ts'
import type { StartingWeights } from '../starting-weights.ts'
import type { Evaluated } from '../task/pass.ts'
import { courseOf } from './course-of.ts'
import { PhasedWeights } from './phased-weights.ts'
import { type Course, changeAt, type Phase, phaseAt } from './phases.ts'
import type { RunQuantization } from './quantization-options.ts'
import { RoundedAdapters } from './rounded-adapters.ts'
import { roundingsOf } from './roundings.ts'

export class Quantizer {
  readonly weights: PhasedWeights
  /** Modules that could not be quantised, in words. */
  readonly notes: readonly string[]
  readonly #course: Course
  /** For models whose layers round in passes. */
  readonly #passes: FakeQuantization | undefined
  /** For decoders whose layers round their inputs. */
  readonly #inputs: FakeQuantization | undefined
  /** For a frozen decoder with adapters. */
  readonly #adapters: RoundedAdapters | undefined
  /** For fp16 steps. */
  readonly #lossScaler: LossScaler | undefined
  #phase: Phase | undefined

  /** `module` has its weights already; the quantizer starts before the first step. Its tensors belong to the caller's scope. */
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
    // Both report unknown layer names.
    this.notes = [
      ...new Set([...roundings.notes, ...(this.#passes?.notes ?? []), ...(this.#inputs?.notes ?? [])]),
    ]
    if (options.half === 'fp16') this.#lossScaler = new LossScaler(lossScaleDefaults)
    this.enter(0)
  }

  /** Whether the model is quantised yet: held-out losses before that do not apply to the final model. */
  get isQuantizing(): boolean {
    return this.#phase?.isQuantizing ?? false
  }

  /** Only while steps are computed in fp16. */
  get lossScaler(): LossScaler | undefined {
    return this.#phase?.compute === 'fp16' ? this.#lossScaler : undefined
  }

  /** Call before the step after `step` steps; returns what changes, in words. */
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

  /** Evaluates the quantised model; while it is quantised, `unquantizedLoss` is added for the unrounded weights and activations. */
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

  /** Runs `body` with observers paused. */
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

/** For models whose layers round in passes. */
export const schemesOf = ({
  activations,
  observer,
  averaging,
  skip,
}: RunQuantization): ConstructorParameters<typeof FakeQuantization>[1] => ({
  // Ranges of the current weights, not of earlier ones.
  weights: { ...int8Weights, observer: 'moving-average', averaging: 1 },
  activations: activations === 'none' ? undefined : { ...uint8Activations, observer, averaging },
  skip,
})

/** For decoders whose layers round their inputs dynamically. */
export const schemesOfInputs = ({
  skip,
}: Pick<RunQuantization, 'skip'>): ConstructorParameters<typeof FakeQuantization>[1] => ({
  weights: undefined,
  activations: 'Q8_0',
  skip,
})

/** What must not lose bits in 16-bit precision: batch norms, and the routing bias of experts. */
function staysFp32(module: Module): (name: string) => boolean {
  const norms = new Set(
    [...namedModules(module)].flatMap(([name, each]) => (each instanceof BatchNorm2d ? name : [])),
  )
  return (name) =>
    norms.has(name.replace(/\.(weight|bias)$/, '')) || name.endsWith('.e_score_correction_bias')
}
