/** The lowest and highest value ever seen: PyTorch's `MinMaxObserver` and `PerChannelMinMaxObserver`. */

import { type Device, type Tensor, torch } from '@hadal/tensor'
import { finiteRange } from './finite-range.ts'
import type { Observer } from './observer.ts'

export class MinMaxObserver implements Observer {
  readonly low_n: Tensor
  readonly high_n: Tensor

  constructor(rows: number, device: Device) {
    this.low_n = torch.full([rows], Infinity, { device })
    this.high_n = torch.full([rows], -Infinity, { device })
  }

  observe(x_nk: Tensor): void {
    const [low_n, high_n] = finiteRange(x_nk)
    this.low_n.copy_(torch.minimum(this.low_n, low_n))
    this.high_n.copy_(torch.maximum(this.high_n, high_n))
  }

  range(): readonly [Tensor, Tensor] {
    return [this.low_n, this.high_n]
  }

  get hasSeen(): boolean {
    return this.low_n.isfinite().all().item() as boolean
  }

  state(): Map<string, Tensor> {
    return new Map([
      ['min', this.low_n],
      ['max', this.high_n],
    ])
  }
}
