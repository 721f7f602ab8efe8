/**
 * Tries to get one attack past a guard, with as many questions as allowed and nothing known but the answers. Which disguises are
 * tried is learnt from those that worked before, as somebody who has all day would do it.
 */

import { oneOf } from '../one-of.ts'
import { type Candidate, candidateOf, render } from './candidate.ts'
import { type Operator, operators } from './operators.ts'

/** What a caller sees: whether a text was stopped. `score` is there only where the guard leaks it. */
export interface Answer {
  readonly isStopped: boolean
  readonly score?: number
}

export type Ask = (text: string) => Promise<Answer>

/** How often an operator was part of what was asked, and of what got through. Shared by the runs on one guard. */
export class Experience {
  readonly #tried = new Map<string, number>()
  readonly #passed = new Map<string, number>()

  note(names: readonly string[], isStopped: boolean): void {
    for (const name of new Set(names)) {
      this.#tried.set(name, (this.#tried.get(name) ?? 0) + 1)
      if (!isStopped) this.#passed.set(name, (this.#passed.get(name) ?? 0) + 1)
    }
  }

  /** One of them, in proportion to how often it helped. */
  choose(among: readonly Operator[], random: () => number): Operator {
    const weights = among.map(({ name }) => (this.#passed.get(name) ?? 0) + 1)
    const chances = among.map(({ name }, at) => weights[at]! / ((this.#tried.get(name) ?? 0) + 2))
    let rest = random() * chances.reduce((sum, chance) => sum + chance, 0)
    for (const [at, chance] of chances.entries()) {
      rest -= chance
      if (rest < 0) return among[at]!
    }
    return among.at(-1)!
  }

  /** Share of what it was part of that got through. */
  get shares(): Readonly<Record<string, { readonly tried: number; readonly passed: number }>> {
    return Object.fromEntries(
      [...this.#tried].map(([name, tried]) => [name, { tried, passed: this.#passed.get(name) ?? 0 }]),
    )
  }
}

export interface Attempt {
  /** Questions until the first that got through; 0: the attack itself does; undefined: none did. */
  readonly queries?: number
  /** What got through. */
  readonly text?: string
  /** The same without the texts of no concern around it. */
  readonly undiluted?: string
  readonly operators: readonly string[]
}

/** Disguises of a candidate beyond which to begin again. */
const maxOperators = 12
const restartShare = 0.15
/** Questions in a row that lower no score. */
const patience = 40

/** The undisguised attack is asked first and is not counted. Throws what `ask` throws. */
export async function evade(
  attack: string,
  ask: Ask,
  budget: number,
  experience: Experience,
  random: () => number,
): Promise<Attempt> {
  const start = candidateOf(attack)
  const first = await ask(attack)
  if (!first.isStopped) return { queries: 0, text: attack, undiluted: attack, operators: [] }
  let held = start
  let heldScore = first.score
  let stale = 0
  for (let query = 1; query <= budget; query += 1) {
    const candidate = disguise(held, start, experience, random)
    const text = render(candidate)
    const { isStopped, score } = await ask(text)
    experience.note(candidate.operators, isStopped)
    if (!isStopped) {
      const wraps = candidate.wraps.filter(({ kind }) => kind !== 'dilution')
      const undiluted = render({ ...candidate, wraps })
      return { queries: query, text, undiluted, operators: candidate.operators }
    }
    if (score !== undefined && heldScore !== undefined) {
      // With a score to climb down by, only what lowers it is kept, and no way down for long means to begin again.
      stale += 1
      if (score < heldScore) [held, heldScore, stale] = [candidate, score, 0]
      else if (stale > patience) [held, heldScore, stale] = [start, first.score, 0]
    } else held = candidate.operators.length >= maxOperators || random() < restartShare ? start : candidate
  }
  return { operators: [] }
}

/** One to three more disguises; from the beginning where there is no more to do. */
function disguise(
  from: Candidate,
  start: Candidate,
  experience: Experience,
  random: () => number,
): Candidate {
  let candidate = from.operators.length >= maxOperators ? start : from
  const wanted = oneOf([1, 1, 2, 3], random)
  let made = 0
  for (let trial = 0; trial < 24 && made < wanted; trial += 1) {
    const next = experience.choose(operators, random).apply(candidate, random)
    if (next !== undefined) [candidate, made] = [next, made + 1]
    else if (trial === 12 && made === 0) candidate = start
  }
  return candidate
}
