/**
 * How many draft tokens a sequence should have verified in the next step: as many as make its tokens come fastest, by what
 * steps cost on this machine and how often this sequence's drafts were right. Zero where drafts do not pay. Pure.
 */

/** Weight of the newest observation. */
const learning = 0.2
/** An honest start: neither hopeful nor hopeless. */
const firstGuess = 0.5
/** How fast a step without a draft makes one worth another try: text changes its kind. */
const forgetting = 0.02
/** Below this gain, noise decides: not worth it. */
const leastGain = 1.1

/** How often the next draft token is right, given that the ones before it were. */
export class DraftRecord {
  #acceptance = firstGuess

  get acceptance(): number {
    return this.#acceptance
  }

  /** Of `proposed` tokens the first `accepted` were right. */
  record(proposed: number, accepted: number): void {
    if (proposed === 0) {
      this.#acceptance += forgetting * (firstGuess - this.#acceptance)
      return
    }
    // One wrong guess ends a draft: nothing is known of those after it.
    const tried = Math.min(proposed, accepted + 1)
    const weight = 1 - (1 - learning) ** tried
    this.#acceptance += weight * (accepted / tried - this.#acceptance)
  }
}

/** What a step costs by its rows, learnt from steps that only decoded. */
export class StepCosts {
  readonly #millis = new Map<number, number>()

  record(rows: number, millis: number): void {
    const known = this.#millis.get(rows)
    this.#millis.set(rows, known === undefined ? millis : known + learning * (millis - known))
  }

  /** Between measured numbers of rows on the line between them; undefined beyond what was measured. */
  of(rows: number): number | undefined {
    const exact = this.#millis.get(rows)
    if (exact !== undefined) return exact
    let [below, above] = [0, Number.POSITIVE_INFINITY]
    for (const known of this.#millis.keys()) {
      if (known < rows) below = Math.max(below, known)
      else above = Math.min(above, known)
    }
    if (below === 0 || above === Number.POSITIVE_INFINITY) return undefined
    const [low, high] = [this.#millis.get(below)!, this.#millis.get(above)!]
    return low + ((high - low) * (rows - below)) / (above - below)
  }
}

/** A step as it is planned so far. */
export interface PlannedStep {
  readonly rows: number
  /** New tokens to be expected of it. */
  readonly tokens: number
}

/**
 * Tokens to draft for one more sequence of a step, at most `most`; its first row is planned already. With an acceptance of
 * `a`, a draft of `k` gives `a + a^2 + ... + a^k` tokens more (Leviathan et al., https://arxiv.org/abs/2211.17192, eq. 1).
 * Where the cost of a length is not known, it is tried if it would pay were it free.
 */
export function draftLength(acceptance: number, step: PlannedStep, most: number, costs: StepCosts): number {
  const alone = costs.of(step.rows)
  if (alone === undefined) return 0
  let best = { length: 0, gain: leastGain }
  for (let length = 1; length <= most; length += 1) {
    const growth = (step.tokens + expectedTokens(acceptance, length)) / step.tokens
    const cost = costs.of(step.rows + length)
    if (cost === undefined) {
      const trial = Math.min(most, 2 ** Math.ceil(Math.log2(length)))
      const free = (step.tokens + expectedTokens(acceptance, trial)) / step.tokens
      return free > best.gain ? trial : best.length
    }
    const gain = (growth * alone) / cost
    if (gain > best.gain) best = { length, gain }
  }
  return best.length
}

/** Of a draft of `length` tokens, those that will be right. */
export function expectedTokens(acceptance: number, length: number): number {
  if (acceptance >= 1) return length
  return (acceptance * (1 - acceptance ** length)) / (1 - acceptance)
}
