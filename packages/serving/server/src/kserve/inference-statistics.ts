/** Inference counters per model since startup, as in Triton's statistics extension. */

import type { Clock } from '@hadal/base'
import type { InferenceTimes, StepReport } from '@hadal/engine'
import type { DurationStatistic, ModelStatistics } from '@hadal/protocol'

class Duration {
  #count = 0
  #millis = 0

  add(millis: number): void {
    this.#count += 1
    this.#millis += millis
  }

  get reported(): DurationStatistic {
    return { count: this.#count, ns: Math.round(this.#millis * 1e6) }
  }
}

class Batch {
  readonly input = new Duration()
  readonly infer = new Duration()
  readonly output = new Duration()
}

class Counts {
  lastInference = 0
  rows = 0
  runs = 0
  readonly success = new Duration()
  readonly fail = new Duration()
  readonly queue = new Duration()
  readonly all = new Batch()
  readonly batches = new Map<number, Batch>()
}

export class InferenceStatistics {
  readonly #clock: Clock
  readonly #models = new Map<string, Counts>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Records a finished model execution. */
  step(model: string, { tensors, running }: StepReport): void {
    if (tensors === undefined) return
    const counts = this.#of(model)
    counts.runs += 1
    counts.rows += running
    const batch = counts.batches.get(running) ?? new Batch()
    counts.batches.set(running, batch)
    add(batch, tensors)
  }

  /** Records a response and its latency. Time outside of execution counts as queue time. */
  succeeded(model: string, millis: number, times: InferenceTimes): void {
    const counts = this.#of(model)
    counts.lastInference = Math.round(this.#clock.wallClock())
    counts.success.add(millis)
    add(counts.all, times)
    const { inputMillis, inferMillis, outputMillis } = times
    counts.queue.add(Math.max(0, millis - inputMillis - inferMillis - outputMillis))
  }

  failed(model: string, millis: number): void {
    this.#of(model).fail.add(millis)
  }

  reported(name: string, version: string): ModelStatistics {
    const counts = this.#models.get(name) ?? new Counts()
    const none = new Duration().reported
    return {
      name,
      version,
      last_inference: counts.lastInference,
      inference_count: counts.rows,
      execution_count: counts.runs,
      inference_stats: {
        success: counts.success.reported,
        fail: counts.fail.reported,
        queue: counts.queue.reported,
        ...reportedOf(counts.all),
        cache_hit: none,
        cache_miss: none,
      },
      batch_stats: [...counts.batches]
        .sort(([one], [other]) => one - other)
        .map(([size, batch]) => ({ batch_size: size, ...reportedOf(batch) })),
    }
  }

  #of(model: string): Counts {
    const known = this.#models.get(model)
    if (known !== undefined) return known
    const counts = new Counts()
    this.#models.set(model, counts)
    return counts
  }
}

function add(
  { input, infer, output }: Batch,
  { inputMillis, inferMillis, outputMillis }: InferenceTimes,
): void {
  input.add(inputMillis)
  infer.add(inferMillis)
  output.add(outputMillis)
}

const reportedOf = ({ input, infer, output }: Batch) => ({
  compute_input: input.reported,
  compute_infer: infer.reported,
  compute_output: output.reported,
})
