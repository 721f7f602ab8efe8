/** Random texts of a grammar, and membership tests. */

import type { Grammar, Node } from './gbnf-reader.ts'

/** A number in [0, 1). */
export type Random = () => number

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export class Sampler {
  private readonly grammar: Grammar
  /** Shortest text length per rule. */
  private readonly shortest: Map<string, number>

  constructor(grammar: Grammar) {
    this.grammar = grammar
    this.shortest = shortestTexts(grammar)
    const endless = [...grammar.keys()].filter((name) => !this.shortest.has(name))
    if (endless.length > 0) throw new Error(`nothing completes ${endless.join()}`)
  }

  /** After about `budget` characters, takes the shortest way to the end. */
  sample(random: Random, budget: number): string {
    let written = ''
    const waiting: Node[] = [{ kind: 'rule', name: 'root' }]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      const isLate = written.length > budget
      switch (node.kind) {
        case 'class':
          written += pick(node, random)
          break
        case 'rule':
          waiting.push(this.grammar.get(node.name)!)
          break
        case 'sequence':
          waiting.push(...node.items.toReversed())
          break
        case 'choice': {
          const lengths = node.items.map((item) => this.lengthOf(item))
          const least = Math.min(...lengths)
          const fit = node.items.filter((_, i) => (isLate ? lengths[i] === least : lengths[i]! < 1e9))
          waiting.push(fit[Math.floor(random() * fit.length)]!)
          break
        }
        case 'repeat': {
          const room = Math.min(node.max - node.min, random() < 0.1 ? 40 : 3)
          const count = node.min + (isLate ? 0 : Math.floor(random() * (room + 1)))
          for (let i = 0; i < count; i++) waiting.push(node.item)
        }
      }
    }
    return written
  }

  private lengthOf(node: Node): number {
    return lengthOf(node, this.shortest)
  }
}

function lengthOf(node: Node, shortest: ReadonlyMap<string, number>): number {
  switch (node.kind) {
    case 'class':
      return 1
    case 'rule':
      return shortest.get(node.name) ?? Number.POSITIVE_INFINITY
    case 'sequence':
      return node.items.reduce((sum, item) => sum + lengthOf(item, shortest), 0)
    case 'choice':
      return Math.min(...node.items.map((item) => lengthOf(item, shortest)))
    case 'repeat':
      return node.min === 0 ? 0 : node.min * lengthOf(node.item, shortest)
  }
}

function shortestTexts(grammar: Grammar): Map<string, number> {
  const shortest = new Map<string, number>()
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, body] of [...grammar].toReversed()) {
      const length = lengthOf(body, shortest)
      if (length >= (shortest.get(name) ?? Number.POSITIVE_INFINITY)) continue
      shortest.set(name, length)
      changed = true
    }
  }
  return shortest
}

function pick({ ranges, negated }: Node & { kind: 'class' }, random: Random): string {
  if (negated) throw new Error('no sample of a negated class')
  const [from, to] = ranges[Math.floor(random() * ranges.length)]!
  const near = random() < 0.5 ? Math.min(to, from + 100) : to
  const code = from + Math.floor(random() * (near - from + 1))
  return String.fromCodePoint(code >= 0xd800 && code <= 0xdfff ? from : code)
}

/** Whether the whole text matches the grammar. */
export function isText(grammar: Grammar, text: string): boolean {
  const characters = Array.from(text, (c) => c.codePointAt(0)!)
  const known = new Map<string, ReadonlySet<number>>()
  const ends = (node: Node, from: number): ReadonlySet<number> => {
    switch (node.kind) {
      case 'class': {
        const c = characters[from]
        const isIn = c !== undefined && node.ranges.some(([a, b]) => a <= c && c <= b)
        return c !== undefined && isIn !== node.negated ? new Set([from + 1]) : new Set()
      }
      case 'rule': {
        const key = `${node.name} ${from}`
        const seen = known.get(key)
        if (seen !== undefined) return seen
        const found = ends(grammar.get(node.name)!, from)
        known.set(key, found)
        return found
      }
      case 'sequence':
        return node.items.reduce<ReadonlySet<number>>((starts, item) => all(starts, item), new Set([from]))
      case 'choice':
        return new Set(node.items.flatMap((item) => [...ends(item, from)]))
      case 'repeat': {
        let starts: ReadonlySet<number> = new Set([from])
        for (let i = 0; i < node.min; i++) starts = all(starts, node.item)
        const found = new Set(starts)
        for (let i = node.min; i < node.max && starts.size > 0; i++) {
          starts = new Set([...all(starts, node.item)].filter((end) => !found.has(end)))
          for (const end of starts) found.add(end)
        }
        return found
      }
    }
  }
  const all = (starts: ReadonlySet<number>, node: Node): ReadonlySet<number> =>
    new Set([...starts].flatMap((start) => [...ends(node, start)]))
  return ends({ kind: 'rule', name: 'root' }, 0).has(characters.length)
}
