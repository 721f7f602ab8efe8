/** A tape observer receives gradients of layer outputs, each with the layer's use of its parameters, and no parameter gradients. */

import type { Tensor } from '@hadal/tensor'
import type { LayerUse } from '../per-sample/layer-use.ts'

export interface TapeObserver {
  /** For one piece of the pass with a separate graph. */
  region(): TapeRegion
  /** Everything that the pass did with these parameters has been given. */
  whole(parameters: readonly Tensor[]): void
}

export interface TapeRegion {
  /** Runs the piece forward; layers in it report to this region. */
  run<Result>(body: () => Result): Result
  /** What layers gave out, in the graph of the piece. */
  readonly outputs: readonly Tensor[]
  /** Their gradients, undefined where nothing read one. Called once. */
  give(dOutputs: readonly (Tensor | undefined)[]): void
  /** Same, for a layer whose output is in no graph. */
  giveOf(use: LayerUse, dOutput: Tensor): void
  free(): void
}

/** Runs `body` in `region`, if there is one. */
export const runIn = <Result>(region: TapeRegion | undefined, body: () => Result): Result =>
  region ? region.run(body) : body()
