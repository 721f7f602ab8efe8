/**
 * Everything a run owns between two steps, and its way into a checkpoint and back. What is not here does not outlive a
 * step; what is here resumes to the bit.
 */

import {
  BatchSampler,
  computeDtype,
  Decoder,
  initializeDecoder,
  loadParameters,
  MasterWeights,
  makeOptimizer,
  type Optimizer,
  selectWindows,
  type Windows,
} from '@hadal/nn'
import { getRngState, manualSeed, scope, setRngState } from '@hadal/tensor'
import type { Checkpoint } from './checkpoint-file.ts'
import type { Run } from './run.ts'
import { fromHost, toHost } from './weights.ts'

export class Session {
  readonly model: Decoder
  readonly weights: MasterWeights
  readonly optimizer: Optimizer
  readonly sampler: BatchSampler
  /** Steps done. */
  step = 0
  readonly #run: Run

  /** A run at its beginning. Its tensors belong to the caller's scope. */
  constructor(run: Run) {
    manualSeed(run.seed)
    this.model = new Decoder(run.model, computeDtype[run.precision])
    this.weights = new MasterWeights(this.model)
    if (run.startFrom) {
      const start = run.startFrom
      scope(() => loadParameters(this.weights.masters, fromHost(start)))
    } else {
      initializeDecoder(this.weights.masters, run.model.num_hidden_layers)
    }
    this.weights.publish()
    this.optimizer = makeOptimizer(this.weights.masters, run.optimizer)
    this.sampler = new BatchSampler(run.data.train.count, run.seed)
    this.#run = run
  }

  /** The windows of the next step, one element a pass. */
  nextBatch(): Windows[] {
    const { batch, data } = this.#run
    return Array.from({ length: batch.accumulate }, () =>
      selectWindows(data.train, this.sampler.next(batch.windows)),
    )
  }

  get tokensPerStep(): number {
    const { batch, data } = this.#run
    return batch.accumulate * batch.windows * data.train.length
  }

  snapshot(): Checkpoint {
    return {
      state: { step: this.step, sampler: this.sampler.position, fingerprint: this.#run.fingerprint },
      weights: toHost(this.weights.masters),
      optimizer: toHost(this.optimizer.state()),
      rng: getRngState(),
    }
  }

  restore({ state, weights, optimizer, rng }: Checkpoint): void {
    scope(() => {
      loadParameters(this.weights.masters, fromHost(weights))
      loadParameters(this.optimizer.state(), fromHost(optimizer))
    })
    this.weights.publish()
    this.sampler.restore(state.sampler)
    setRngState(rng)
    this.step = state.step
  }
}
