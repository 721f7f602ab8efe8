/**
 * A histogram of all observed values; its range minimises the rounding error (histogram-range.ts). PyTorch's `HistogramObserver`,
 * with its bins. When the range grows, old bins are split in 16 and counted into new ones.
 */

import { type Device, type Tensor, torch } from '@hadal/tensor'
import { finiteRange } from './finite-range.ts'
import { minErrorRange } from './histogram-range.ts'
import type { Observer } from './observer.ts'

const bins = 2048
/** Parts that a bin is cut in. */
const cuts = 16

export class HistogramObserver implements Observer {
  readonly #levels: number
  readonly #counts: Tensor
  readonly #low_1: Tensor
  readonly #high_1: Tensor

  /** For values rounded to `levels` levels. */
  constructor(levels: number, device: Device) {
    this.#levels = levels
    this.#counts = torch.zeros([bins], { device })
    this.#low_1 = torch.full([1], Infinity, { device })
    this.#high_1 = torch.full([1], -Infinity, { device })
  }

  observe(x_1k: Tensor): void {
    const [low, high] = finiteRange(x_1k).map((each) => each.item() as number) as [number, number]
    if (low > high) return
    const [oldLow, oldHigh] = [this.#low_1.item() as number, this.#high_1.item() as number]
    const [newLow, newHigh] = [Math.min(low, oldLow), Math.max(high, oldHigh)]
    const x_k = x_1k.flatten().float()
    // Out-of-range values are not counted. An empty range is the exception: libtorch then computes its own and rejects infinities.
    const counted_k = newLow === newHigh ? x_k.maskedSelect(x_k.isfinite()) : x_k
    const added = torch.histc(counted_k, bins, { min: newLow, max: newHigh })
    this.#counts.copy_(this.hasSeen ? this.#moved(oldLow, oldHigh, newLow, newHigh, added).add(added) : added)
    this.#low_1.fill_(newLow)
    this.#high_1.fill_(newHigh)
  }

  range(): readonly [Tensor, Tensor] {
    const { device } = this.#counts
    const seen = { low: this.#low_1.item() as number, high: this.#high_1.item() as number }
    const { low, high } = minErrorRange(this.#counts, seen, this.#levels)
    return [torch.tensor([low], { device }), torch.tensor([high], { device })]
  }

  get hasSeen(): boolean {
    return Number.isFinite(this.#low_1.item() as number)
  }

  state(): Map<string, Tensor> {
    return new Map([
      ['histogram', this.#counts],
      ['min', this.#low_1],
      ['max', this.#high_1],
    ])
  }

  /** The existing counts in the bins of a range that contains the old one. */
  #moved(oldLow: number, oldHigh: number, low: number, high: number, added: Tensor): Tensor {
    if (low === oldLow && high === oldHigh) return this.#counts
    const { device } = this.#counts
    if (oldLow === oldHigh)
      // PyTorch's weight for a range of a single value: as many counts as there are new values.
      return torch.histc(torch.tensor([oldLow], { device }), bins, { min: low, max: high }).mul(added.sum())
    const width = Math.fround(Math.fround(oldHigh - oldLow) / (bins * cuts))
    const starts = torch.linspace(oldLow, oldHigh, bins * cuts + 1, { device }).narrow(0, 0, bins * cuts)
    const ends = torch.linspace(low, high, bins + 1, { device })
    const places = torch
      .bucketize(starts.add(0.5 * width), ends, { right: true })
      .sub(1)
      .clamp(0, bins - 1)
    const parts = torch.repeatInterleave(this.#counts, cuts).div(cuts)
    return torch.bincount(places, parts, bins)
  }
}
