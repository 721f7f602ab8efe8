/** Fake quantisation of one tensor over passes: its observer, its scales, and its switches. */

import { type Device, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { isListenedTo } from '../per-sample/layer-use.ts'
import { isComputedAgain } from '../tape/computed-again.ts'
import { createObserver } from './create-observer.ts'
import { fakeQuantUnsupported, nothingObserved } from './errors.ts'
import { fakeQuantize } from './fake-quantize.ts'
import type { Observer } from './observer.ts'
import { scaleAndZero } from './quant-parameters.ts'
import { toRows } from './rows.ts'
import { type FakeQuantScheme, quantRange } from './scheme.ts'

/** The switches of a model's quantisers. */
export interface QuantizerSwitches {
  observing: boolean
  quantizing: boolean
}

export interface Quantizer {
  /** x as used in computation, with its shape and dtype; x itself while quantisation is off. */
  apply(x: Tensor): Tensor
  /** Only records the range of x, as `apply` does. */
  observe(x: Tensor): void
  /** The live state by name: fp32 and int32, of one shape from the start. */
  state(): Map<string, Tensor>
}

/** A quantiser on a grid with scales that last from pass to pass. */
export class GridQuantizer implements Quantizer {
  readonly scheme: FakeQuantScheme
  readonly #name: string
  readonly #switches: QuantizerSwitches
  readonly #observer: Observer
  readonly #scale_n: Tensor
  readonly #zero_n: Tensor
  /** Whether values were observed since the scales were computed. */
  #stale = false
  #known = false

  /** For tensors with this many `rows` (rows.ts). State belongs to the caller's scope. */
  constructor(
    name: string,
    scheme: FakeQuantScheme,
    rows: number,
    switches: QuantizerSwitches,
    device: Device = 'cpu',
  ) {
    this.scheme = scheme
    this.#name = name
    this.#switches = switches
    this.#observer = createObserver(scheme, rows, device)
    this.#scale_n = torch.ones([rows], { device })
    this.#zero_n = torch.zeros([rows], { dtype: 'int32', device })
  }

  /** Throws `nn_nothing_observed` where a range is needed and there is none. */
  apply(x: Tensor): Tensor {
    this.observe(x)
    if (!this.#switches.quantizing || x.numel === 0) return x
    if (!this.hasRange) throw nothingObserved(this.#name)
    this.#settle()
    const scales = { scale_n: this.#scale_n, zero_n: this.#zero_n }
    return fakeQuantize(x, scales, quantRange(this.scheme), this.scheme.granularity)
  }

  /** A recomputed pass was already observed the first time. */
  observe(x: Tensor): void {
    if (isListenedTo())
      throw fakeQuantUnsupported([`${this.#name}: private training, whose noise covers no observed range`])
    if (!this.#switches.observing || isComputedAgain() || x.numel === 0) return
    noGrad(() => scope(() => this.#observer.observe(toRows(x.detach(), this.scheme.granularity))))
    this.#stale = true
  }

  /** Whether its scales come from observed values. */
  get hasRange(): boolean {
    this.#known ||= this.#observer.hasSeen
    return this.#known
  }

  scales(): { readonly scale: number[]; readonly zeroPoint: number[] } {
    this.#settle()
    return {
      scale: this.#scale_n.toArray() as number[],
      zeroPoint: this.#zero_n.toArray() as number[],
    }
  }

  state(): Map<string, Tensor> {
    this.#settle()
    return new Map([...this.#observer.state(), ['scale', this.#scale_n], ['zero_point', this.#zero_n]])
  }

  #settle(): void {
    if (!this.#stale || !this.hasRange) return
    noGrad(() =>
      scope(() => {
        const [low_n, high_n] = this.#observer.range()
        const { scale_n, zero_n } = scaleAndZero(low_n, high_n, this.scheme)
        this.#scale_n.copy_(scale_n)
        this.#zero_n.copy_(zero_n)
      }),
    )
    this.#stale = false
  }
}
