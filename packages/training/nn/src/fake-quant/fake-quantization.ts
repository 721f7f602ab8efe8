/**
 * Fake quantisation: a model computes as if its weights and activations were integers, and stays trainable. Layers are hooked only
 * while observers or quantisation are on: otherwise the model is bit-identical to the original.
 */

import { type Device, type Tensor, torch } from '@hadal/tensor'
import type { Conv2d } from '../convolution.ts'
import { Linear } from '../layers.ts'
import type { Module } from '../module.ts'
import { DynamicQ8_0 } from './dynamic-q8-0.ts'
import { fakeQuantUnsupported, quantSchemeInvalid } from './errors.ts'
import { FormatQuantizer } from './format-quantizer.ts'
import type { LayerQuantization } from './layer-quantization.ts'
import {
  type PlannedLayer,
  planQuantization,
  type QuantizationOptions,
  type QuantizationPlan,
} from './plan-quantization.ts'
import { GridQuantizer, type Quantizer, type QuantizerSwitches } from './quantizer.ts'
import { rowCount } from './rows.ts'
import { quantRange } from './scheme.ts'

/** Export parameters of one tensor: value ≈ (q - zeroPoint) · scale. */
export interface QuantParameters {
  /** Name of the weight (of a convolution before a norm: folded, see `foldNorm`), of the point, or `<layer>.input`. */
  readonly name: string
  readonly kind: 'weight' | 'activation'
  /** One, or one for each index along `axis`, or for each `group` neighbours of a row. */
  readonly scale: number[]
  readonly zeroPoint: number[]
  readonly axis?: number
  readonly group?: number
  readonly quantMin: number
  readonly quantMax: number
}

interface Hooked {
  readonly layer: Conv2d | Linear
  readonly quantization: LayerQuantization
}

/**
 * Quantisation-aware training: weights and activations are rounded in the forward pass, gradients pass straight through.
 *
 * @example
 * ```ts
 * import { FakeQuantization, ImageClassifier, initializeLayers, int8Weights, uint8Activations } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new ImageClassifier({
 *   model_type: 'image_classifier',
 *   input: { features: 16 },
 *   layers: [{ kind: 'linear', width: 8 }, { kind: 'relu' }],
 *   classes: 2,
 * })
 * initializeLayers(model)
 * const quantization = new FakeQuantization(model, { weights: int8Weights, activations: uint8Activations })
 * quantization.setObserving(true)
 * model.forward(torch.randn([8, 16])) // ranges are seen
 * quantization.setQuantizing(true)
 * const rounded = model.forward(torch.randn([8, 16])) // as in 8 bits
 * ```
 */
export class FakeQuantization {
  /** Which layers stay in fp32, and why. */
  readonly notes: readonly string[]
  readonly #plan: QuantizationPlan
  readonly #switches: QuantizerSwitches = { observing: false, quantizing: false }
  readonly #layers: readonly Hooked[]
  /** In model order. */
  readonly #quantizers = new Map<string, { readonly kind: QuantParameters['kind']; readonly of: Quantizer }>()
  readonly #device: Device

  /**
   * Finds the quantisable parts of `module`; inactive until switched on. State belongs to the caller's scope. Throws
   * `nn_quant_scheme_invalid`, and `nn_fake_quant_unsupported` for packed weights and fp8 products.
   */
  constructor(module: Module, options: QuantizationOptions) {
    const plan = planQuantization(module, options)
    if (plan.issues.length > 0) throw quantSchemeInvalid(plan.issues)
    if (plan.unsupported.length > 0) throw fakeQuantUnsupported(plan.unsupported)
    this.#plan = plan
    this.notes = plan.notes
    // Points have state where all layers are skipped, too.
    this.#device = [...module.parameters().values()][0]?.device ?? 'cpu'
    this.#layers = plan.layers
      .filter(({ input }) => input || options.weights !== undefined)
      .map((planned) => this.#hooked(planned, options))
    for (const { name } of plan.points) this.#add(name, 'activation', this.#activation(name, options))
  }

  /** Whether observers record ranges in passes. */
  get observing(): boolean {
    return this.#switches.observing
  }

  /** Whether passes use quantised values. */
  get quantizing(): boolean {
    return this.#switches.quantizing
  }

  setObserving(on: boolean): void {
    this.#switches.observing = on
    this.#hook(on || this.quantizing)
  }

  setQuantizing(on: boolean): void {
    this.#switches.quantizing = on
    this.#hook(on || this.observing)
  }

  /** Whether batch norms use their running statistics in training too, without updating them. */
  freezeNorms(on: boolean): void {
    for (const norm of this.#plan.norms) norm.frozen = on
  }

  /** Pauses observers during `body`, which is synchronous: for evaluation. */
  pausing<Result>(body: () => Result): Result {
    const before = this.observing
    this.#switches.observing = false
    try {
      return body()
    } finally {
      this.#switches.observing = before
    }
  }

  /** Everything that passes change, by name: fp32 and int32 tensors of one shape from the start, which may be copied into. */
  state(): Map<string, Tensor> {
    const found = new Map<string, Tensor>()
    for (const [name, { of }] of this.#quantizers)
      for (const [key, tensor] of of.state()) found.set(`${name}.${key}`, tensor)
    return found
  }

  /** For everything with a grid and observed ranges. */
  parameters(): readonly QuantParameters[] {
    return [...this.#quantizers].flatMap(([name, { kind, of }]) => {
      if (!(of instanceof GridQuantizer && of.hasRange)) return []
      const { granularity } = of.scheme
      const along = granularity === 'channel' ? { axis: 0 } : granularity === 'tensor' ? {} : granularity
      return [{ name, kind, ...of.scales(), ...along, ...quantRange(of.scheme) }]
    })
  }

  /** Restores the original model's behaviour. */
  detach(): void {
    this.setObserving(false)
    this.setQuantizing(false)
    this.freezeNorms(false)
  }

  #hooked({ name, layer, input }: PlannedLayer, options: QuantizationOptions): Hooked {
    const under = (field: string): string => (name === '' ? field : `${name}.${field}`)
    const weight =
      options.weights &&
      this.#add(under('weight'), 'weight', this.#weight(under('weight'), layer, options.weights))
    const activation = input
      ? this.#add(under('input'), 'activation', this.#activation(under('input'), options))
      : undefined
    const switches = this.#switches
    const quantization: LayerQuantization = {
      get quantizesWeight(): boolean {
        return weight !== undefined && switches.quantizing
      },
      weight: (tensor) => weight?.apply(tensor) ?? tensor,
      input: (x) => activation?.apply(x) ?? x,
    }
    return { layer, quantization }
  }

  #weight(
    name: string,
    { weight }: Conv2d | Linear,
    weights: NonNullable<QuantizationOptions['weights']>,
  ): Quantizer {
    if (typeof weights === 'string') return new FormatQuantizer(weights, this.#switches)
    const rows = rowCount(weight.shape, weights.granularity)!
    return new GridQuantizer(name, weights, rows, this.#switches, weight.device)
  }

  #activation(name: string, { activations }: QuantizationOptions): Quantizer {
    if (activations === 'Q8_0') return new DynamicQ8_0(this.#switches)
    return new GridQuantizer(name, activations!, 1, this.#switches, this.#device)
  }

  #add(name: string, kind: QuantParameters['kind'], of: Quantizer): Quantizer {
    this.#quantizers.set(name, { kind, of })
    return of
  }

  #hook(on: boolean): void {
    for (const { layer, quantization } of this.#layers) {
      if (!(layer instanceof Linear)) layer.quantizeWith(on ? quantization : undefined)
      else if (!on) layer.multiplyWith(undefined)
      else layer.multiplyWith((x, weight) => torch.linear(quantization.input(x), quantization.weight(weight)))
    }
    for (const { name, point } of this.#plan.points) {
      const { of } = this.#quantizers.get(name)!
      point.attach(on ? (x) => of.apply(x) : undefined)
    }
  }
}
