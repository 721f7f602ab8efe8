/** Downsamples a curve to bounded size, keeping minimum and maximum of each bucket, so that spikes remain visible. Pure. */

export interface Points {
  readonly steps: number[]
  readonly values: number[]
}

/** Even; maximum pairs of points. */
const maxBuckets = 2000

export class ThinnedSeries {
  /** Minimum and maximum of each bucket. */
  #lowSteps: number[] = []
  #lows: number[] = []
  #highSteps: number[] = []
  #highs: number[] = []
  /** Points of a full bucket. */
  #stride = 1
  #inLast = 0
  #last: { readonly step: number; readonly value: number } | undefined

  /** Exact, whatever was thinned. */
  get last(): { readonly step: number; readonly value: number } | undefined {
    return this.#last
  }

  /** `value` is finite; steps come in order. */
  push(step: number, value: number): void {
    this.#last = { step, value }
    const at = this.#lows.length - 1
    if (at < 0 || this.#inLast >= this.#stride) {
      if (this.#lows.length >= maxBuckets) {
        this.#merge()
        this.push(step, value)
        return
      }
      this.#lowSteps.push(step)
      this.#lows.push(value)
      this.#highSteps.push(step)
      this.#highs.push(value)
      this.#inLast = 1
      return
    }
    this.#inLast += 1
    if (value < this.#lows[at]!) {
      this.#lows[at] = value
      this.#lowSteps[at] = step
    }
    if (value > this.#highs[at]!) {
      this.#highs[at] = value
      this.#highSteps[at] = step
    }
  }

  points(): Points {
    const steps: number[] = []
    const values: number[] = []
    const add = (step: number, value: number): void => {
      steps.push(step)
      values.push(value)
    }
    for (let at = 0; at < this.#lows.length; at += 1) {
      const [lowStep, highStep] = [this.#lowSteps[at]!, this.#highSteps[at]!]
      const isLowFirst = lowStep <= highStep
      if (isLowFirst) add(lowStep, this.#lows[at]!)
      if (lowStep !== highStep || !isLowFirst) add(highStep, this.#highs[at]!)
      if (!isLowFirst) add(lowStep, this.#lows[at]!)
    }
    if (this.#last !== undefined && steps.at(-1) !== this.#last.step) add(this.#last.step, this.#last.value)
    return { steps, values }
  }

  /** Two buckets become one. */
  #merge(): void {
    const half = this.#lows.length / 2
    for (let at = 0; at < half; at += 1) {
      const [one, other] = [2 * at, 2 * at + 1]
      const low = this.#lows[one]! <= this.#lows[other]! ? one : other
      const high = this.#highs[one]! >= this.#highs[other]! ? one : other
      ;[this.#lowSteps[at], this.#lows[at]] = [this.#lowSteps[low]!, this.#lows[low]!]
      ;[this.#highSteps[at], this.#highs[at]] = [this.#highSteps[high]!, this.#highs[high]!]
    }
    for (const list of [this.#lowSteps, this.#lows, this.#highSteps, this.#highs]) list.length = half
    this.#stride *= 2
    this.#inLast = this.#stride
  }
}
