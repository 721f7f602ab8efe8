/**
 * Weights of a model whose compute dtype or rounding changes at some step: working copies separate from the fp32 masters, which
 * publishing casts and rounds. The model's tensors stay the same objects, so references remain valid.
 */

import type { OnGradients, Tape, TrainedWeights } from '@hadal/nn'
import { type DType, noGrad, op, scope, type Tensor } from '@hadal/tensor'
import type { Rounding } from './roundings.ts'

const setData = op('aten::set_data')

export class PhasedWeights implements TrainedWeights {
  /** fp32, owned exclusively. */
  readonly masters: ReadonlyMap<string, Tensor>
  readonly working: ReadonlyMap<string, Tensor>
  readonly #whole: TrainedWeights
  readonly #roundings: ReadonlyMap<string, Rounding>
  readonly #staysFp32: (name: string) => boolean
  #isRounding = false

  /**
   * Takes ownership of `whole`. `roundings` are by master name; `staysFp32` is fp32 at any dtype. Masters belong to the caller's
   * scope.
   */
  constructor(
    whole: TrainedWeights,
    roundings: ReadonlyMap<string, Rounding>,
    staysFp32: (name: string) => boolean,
  ) {
    this.#whole = whole
    this.#roundings = roundings
    this.#staysFp32 = staysFp32
    this.working = whole.working
    this.masters = noGrad(
      () =>
        new Map(
          [...whole.masters].map(([name, master]) => [
            name,
            master === whole.working.get(name) ? master.detach().clone() : master,
          ]),
        ),
    )
  }

  /** The model computes in `dtype` from now on, with rounded weights or with masters as they are. */
  compute(dtype: DType, isRounding: boolean): void {
    this.#isRounding = isRounding
    noGrad(() => {
      for (const [name, working] of this.working) {
        if (this.#staysFp32(name) || working.dtype === dtype) continue
        scope(() => void setData(working, working.detach().to(dtype)))
      }
    })
    this.publish()
  }

  gradients(loss: Tensor, tape?: Tape, onGradients?: OnGradients): Tensor[] {
    return this.#whole.gradients(loss, tape, onGradients)
  }

  publish(): void {
    noGrad(() => {
      for (const [name, master] of this.masters) {
        const rounding = this.#isRounding ? this.#roundings.get(name) : undefined
        scope(() => void this.working.get(name)!.copy_(rounding ? rounding(master) : master))
      }
    })
  }
}
