/**
 * Averages over passes of their lowest and highest values, newer ones counting more: PyTorch's `MovingAverageMinMaxObserver` and
 * `MovingAveragePerChannelMinMaxObserver`. The first pass sets them.
 */

import { type Device, type Tensor, torch } from '@hadal/tensor'
import { finiteRange } from './finite-range.ts'
import { MinMaxObserver } from './min-max-observer.ts'

export class MovingAverageObserver extends MinMaxObserver {
  readonly #averaging: number

  constructor(rows: number, device: Device, averaging = 0.01) {
    super(rows, device)
    this.#averaging = averaging
  }

  override observe(x_nk: Tensor): void {
    const [low_n, high_n] = finiteRange(x_nk)
    this.#move(this.low_n, low_n)
    this.#move(this.high_n, high_n)
  }

  /** A row without finite values leaves its average unchanged. */
  #move(average_n: Tensor, now_n: Tensor): void {
    const moved_n = average_n.add(now_n.sub(average_n).mul(this.#averaging))
    const next_n = torch.where(average_n.isfinite(), moved_n, now_n)
    average_n.copy_(torch.where(now_n.isfinite(), next_n, average_n))
  }
}
