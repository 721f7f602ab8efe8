/** A request on its way through the simulation. What happens to it is written here by whoever does it. */

import type { QueuePlace } from '../fair-queue.ts'
import { urgency } from '../urgency.ts'
import type { SimulatedRequest } from './traffic.ts'

export class Job {
  /** Counts requests. */
  readonly number: number
  readonly request: SimulatedRequest
  readonly place: QueuePlace
  /** In line and aside, until it last went on; and since when it waits, if it does. */
  waitedMillis = 0
  waitsSince: number
  /** In the order in which they came to the process. */
  seniority = 0
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
  /** Cells that are its own. */
  cells = 0
  /** Whether it uses cells that others with its beginning use, too, and whether it is the one that computes them. */
  sharesPrefix = false
  computesPrefix = false
  /** Was put aside, and holds no cells. */
  isAside = false
  /** New tokens that its key was charged for. */
  charged = 0
  /** Tokens that need not be computed, and those that whoever watches was told of. */
  cached = 0
  toldPrompt = 0
  toldOutput = 0

  constructor(number: number, request: SimulatedRequest, place: QueuePlace, tokensPerStep: number) {
    this.number = number
    this.request = request
    this.place = place
    this.waitsSince = request.arrivalMillis
    this.promptLeft = request.promptTokens
    this.stepsLeft = Math.ceil((request.outputTokens - 1) / tokensPerStep)
  }

  urgency(now: number, agingMillis: number): number {
    const waits = Number.isNaN(this.waitsSince) ? 0 : now - this.waitsSince
    return urgency(this.place.priority, this.waitedMillis + waits, agingMillis)
  }
}
