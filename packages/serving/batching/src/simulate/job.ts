/** A request on its way through the simulation. What happens to it is written here by whoever does it. */

import type { QueuePlace } from '../fair-queue.ts'
import type { SimulatedRequest } from './traffic.ts'

export class Job {
  /** Counts requests. */
  readonly number: number
  readonly request: SimulatedRequest
  readonly place: QueuePlace
  firstAt: number = Number.NaN
  /** When the last token came. */
  lastAt: number = Number.NaN
  /** Tokens of its prompt that were not computed. */
  promptLeft: number
  /** Steps to its end, once it has its first token. */
  stepsLeft: number
  /** While it decodes: the step that began it, and the one that ends it. */
  sinceStep = 0
  endStep: number = Number.POSITIVE_INFINITY
  isDecoding = false
  /** Tokens it holds; while it decodes, before the step `sinceStep`. */
  context = 0
  /** Cells of its own; while it decodes, before the step `sinceStep`. */
  cells = 0
  /** Tokens of its prefix in cells that others use, too, and whether it is the one that computes them. */
  sharedTokens = 0
  computesPrefix = false
  /** It holds no cells, and goes on where it was once it does. */
  isPreempted = false
  /** New tokens that its key was charged for. */
  charged = 0
  /** Tokens that need not be computed, and those that whoever watches was told of. */
  cached = 0
  toldPrompt = 0
  toldOutput = 0

  readonly #tokensPerStep: number

  constructor(number: number, request: SimulatedRequest, place: QueuePlace, tokensPerStep: number) {
    this.number = number
    this.request = request
    this.place = place
    this.#tokensPerStep = tokensPerStep
    this.promptLeft = request.promptTokens
    this.stepsLeft = Math.ceil((request.outputTokens - 1) / tokensPerStep)
  }

  /** New tokens; while it decodes, before the step `sinceStep`. */
  get outputTokens(): number {
    if (Number.isNaN(this.firstAt)) return 0
    return Math.max(1, this.request.outputTokens - this.stepsLeft * this.#tokensPerStep)
  }
}
