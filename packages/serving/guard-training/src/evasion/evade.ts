/**
 * Tries to get an attack past a guard with a limited number of queries and black-box access. Operators are chosen by their past success,
 * like a persistent attacker would.
 */

import { oneOf } from '../one-of.ts'
import { type Candidate, candidateOf, render } from './candidate.ts'
import { type Operator, operators } from './operators.ts'

/** What a caller sees: whether a text was blocked. `score` is set only if the guard leaks it. */
export interface Answer {
  readonly isStopped: boolean
  readonly score?: number
}

export type Ask = (text: string) => Promise<Answer>

/** Success statistics per operator, shared by the runs on one guard. */
export class Experience {
  readonly #tried = new Map<string, number>()
  readonly #passed = new Map<string, number>()

  note(names: readonly string[], isStopped: boolean): void {
    for (const name of new Set(names)) {
      this.#tried.set(name, (this.#tried.get(name) ?? 0) + 1)
      if (!isStopped) this.#passed.set(name, (this.#passed.get(name) ?? 0) + 1)
    }
  }

  /** Samples an operator in proportion to its success. */
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

  /** Success rate per operator. */
  get shares(): Readonly<Record<string, { readonly tried: number; readonly passed: number }>> {
    return Object.fromEntries(
      [...this.#tried].map(([name, tried]) => [name, { tried, passed: this.#passed.get(name) ?? 0 }]),
    )
  }
}

export interface Attempt {
  /** Queries until the first success; 0: the attack itself succeeds; undefined: none did. */
  readonly queries?: number
  /** The successful text. */
  readonly text?: string
  /** The same without the surrounding irrelevant texts. */
  readonly undiluted?: string
  readonly operators: readonly string[]
}

/** Maximum operators per candidate before a restart. */
const maxOperators = 12
const restartShare = 0.15
/** Restart after this many queries without a lower score. */
const patience = 40

/** The unmodified attack is queried first and not counted. Throws what `ask` throws. */
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
      // With a score, hill-climbing: keeps only improvements and restarts when stuck.
      stale += 1
      if (score < heldScore) [held, heldScore, stale] = [candidate, score, 0]
      else if (stale > patience) [held, heldScore, stale] = [start, first.score, 0]
    } else held = candidate.operators.length >= maxOperators || random() < restartShare ? start : candidate
  }
  return { operators: [] }
}

/** Applies one to three more operators; starts over if none apply. */
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
