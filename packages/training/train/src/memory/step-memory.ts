/** Tracks the peak memory of each step by owner. Reads libtorch's counter a few times per step; the overhead is negligible. */

import { memory, type Tensor, takePeakMemory } from '@hadal/tensor'
import type { OwnedBytes, StepPhase } from './run-memory.ts'

/** All in bytes. */
export interface StepMemory extends OwnedBytes {
  /** Peak of all owners together. */
  readonly peakBytes: number
  /** When that was. */
  readonly phase: StepPhase
}

/** Kept across steps: optimizer and average memory is measured once. */
export class StepMemoryWatch {
  readonly #optimizer: number
  readonly #average: number
  #restingBytes = 0
  #peakBytes = 0
  #phase: StepPhase = 'forward'
  #gradients = 0

  constructor(optimizer: Iterable<Tensor>, average: Iterable<Tensor>) {
    this.#optimizer = bytesOf(optimizer)
    this.#average = bytesOf(average)
  }

  /** A step begins. */
  begin(): void {
    this.#restingBytes = memory().currentBytes
    this.#peakBytes = 0
    this.#gradients = 0
    takePeakMemory()
  }

  /** A phase ends, of this pass or of the step. */
  end(phase: StepPhase): void {
    const peak = takePeakMemory()
    if (peak <= this.#peakBytes) return
    this.#peakBytes = peak
    this.#phase = phase
  }

  /** All gradients of the step are there. */
  sees(gradients: Iterable<Tensor>): void {
    this.#gradients = bytesOf(gradients)
  }

  /** Returns the peak of the step that ends here. */
  take(): StepMemory {
    const [peakBytes, phase, gradients] = [this.#peakBytes, this.#phase, this.#gradients]
    const [optimizer, average] = [this.#optimizer, this.#average]
    const weights = Math.max(0, this.#restingBytes - optimizer - average)
    const activations = Math.max(0, peakBytes - weights - optimizer - average - gradients)
    return { peakBytes, phase, weights, gradients, optimizer, average, activations }
  }
}

const bytesOf = (tensors: Iterable<Tensor>): number =>
  [...tensors].reduce((sum, { nbytes }) => sum + nbytes, 0)
