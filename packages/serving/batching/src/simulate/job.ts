/** The state of a request in the simulation, updated by each part that handles it. */

import type { QueuePlace } from '../fair-queue.ts'
import type { SimulatedRequest } from './traffic.ts'

export class Job {
  /** Request number. */
  readonly number: number
  readonly request: SimulatedRequest
  readonly place: QueuePlace
  firstAt: number = Number.NaN
  /** Time of the last token. */
  lastAt: number = Number.NaN
  /** Uncomputed prompt tokens. */
  promptLeft: number
  /** Steps until it ends, after its first token. */
  stepsLeft: number
  /** While it decodes: its first and its last step. */
  sinceStep = 0
  endStep: number = Number.POSITIVE_INFINITY
  isDecoding = false
  /** Tokens it holds; while it decodes, as of step `sinceStep`. */
  context = 0
  /** Its own cells; while it decodes, as of step `sinceStep`. */
  cells = 0
  /** Prefix tokens in shared cells, and whether this job computes them. */
  sharedTokens = 0
  computesPrefix = false
  /** Holds no cells; resumes where it was once it gets some. */
  isPreempted = false
  /** New tokens charged to its key. */
  charged = 0
  /** Cached tokens, and those already reported to the watch. */
  cached = 0
  reportedPrompt = 0
  reportedOutput = 0

  readonly #tokensPerStep: number

  constructor(number: number, request: SimulatedRequest, place: QueuePlace, tokensPerStep: number) {
    this.number = number
    this.request = request
    this.place = place
    this.#tokensPerStep = tokensPerStep
    this.promptLeft = request.promptTokens
    this.stepsLeft = Math.ceil((request.outputTokens - 1) / tokensPerStep)
  }

  /** New tokens; while it decodes, as of step `sinceStep`. */
  get outputTokens(): number {
    if (Number.isNaN(this.firstAt)) return 0
    return Math.max(1, this.request.outputTokens - this.stepsLeft * this.#tokensPerStep)
  }
}
