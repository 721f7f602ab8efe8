/** Known attacks with vectors per encoder; bundled and learned ones are separate shelves. Immutable: filtering returns a new shelf. */

import { clusterVectors } from './cluster-vectors.ts'
import type { Encoder } from './encoder.ts'
import type { KnownAttack } from './known-attack.ts'
import { type Neighbour, type Question, VectorSet } from './vector-set.ts'

export interface AttackVector {
  readonly encoder: Encoder
  readonly vector: Float32Array
  /** Index of its attack. */
  readonly owner: number
}

/** Vectors of one encoder. */
interface Row {
  readonly set: VectorSet
  /** Attack index of each vector. */
  readonly owners: Int32Array
}

export class Shelf {
  readonly attacks: readonly KnownAttack[]
  /** By encoder name. */
  readonly rows: ReadonlyMap<string, Row>

  constructor(attacks: readonly KnownAttack[], rows: ReadonlyMap<string, Row>) {
    this.attacks = attacks
    this.rows = rows
  }

  static readonly empty: Shelf = new Shelf([], new Map())

  static of(
    attacks: readonly KnownAttack[],
    vectors: readonly AttackVector[],
    arrange: typeof clusterVectors = clusterVectors,
  ): Shelf {
    const rows = new Map<string, Row>()
    for (const { name, dimensions } of new Set(vectors.map(({ encoder }) => encoder))) {
      const own = vectors.filter(({ encoder }) => encoder.name === name)
      const { parts, order } = arrange(
        own.map(({ vector }) => vector),
        dimensions,
      )
      rows.set(name, { set: new VectorSet(parts), owners: order.map((at) => own[at]!.owner) })
    }
    return new Shelf(attacks, rows)
  }

  nearest(encoder: Encoder, query: Question): (Neighbour & { readonly attack: KnownAttack }) | undefined {
    const row = this.rows.get(encoder.name)
    const found = row?.set.nearest(query)
    return found && { ...found, attack: this.attacks[row!.owners[found.at]!]! }
  }

  /** All vectors of an encoder with their attack indices. */
  *vectors(
    encoder: Encoder,
  ): Generator<{ readonly owner: number; readonly cosine: (query: Question) => number }> {
    const row = this.rows.get(encoder.name)
    if (row === undefined) return
    for (let at = 0; at < row.set.size; at += 1)
      yield { owner: row.owners[at]!, cosine: (query) => row.set.cosine(query, at) }
  }

  /** A cheap estimate of the nearest cosine. */
  promise(encoder: Encoder, query: Question): number {
    const set = this.rows.get(encoder.name)?.set
    if (set === undefined) return -2
    return set.parts.middles.length > 0 ? set.promise(query) : (set.nearestOfAll(query)?.cosine ?? -2)
  }

  /** Merges attack metadata; reclusters where both have vectors of one encoder. */
  with(other: Shelf): Shelf {
    if (other.attacks.length === 0) return this
    if (this.attacks.length === 0) return other
    const numbers = new Map(this.attacks.map(({ id }, at) => [id, at]))
    const attacks = [...this.attacks]
    const moved = other.attacks.map((attack) => {
      const number = numbers.get(attack.id)
      return number ?? attacks.push(attack) - 1
    })
    const rows = new Map(this.rows)
    for (const [name, row] of other.rows) {
      const theirs = { ...row, owners: row.owners.map((owner) => moved[owner]!) }
      const ours = rows.get(name)
      rows.set(name, ours === undefined ? theirs : joined(ours, theirs))
    }
    return new Shelf(attacks, rows)
  }

  /** Clusters are unchanged. */
  filter(isKept: (attack: KnownAttack) => boolean): Shelf {
    const renumbered = new Int32Array(this.attacks.length).fill(-1)
    const attacks = this.attacks.filter((attack, at) => {
      const keeps = isKept(attack)
      if (keeps) renumbered[at] = 0
      return keeps
    })
    let next = 0
    for (let at = 0; at < renumbered.length; at += 1) if (renumbered[at] === 0) renumbered[at] = next++
    const rows = new Map(
      [...this.rows].map(([name, row]) => [name, filteredRow(row, (owner) => renumbered[owner]!)] as const),
    )
    return new Shelf(attacks, rows)
  }
}

function filteredRow({ set, owners }: Row, numberOf: (owner: number) => number): Row {
  const { dimensions, vectors, middles, starts } = set.parts
  const kept = [...owners.keys()].filter((at) => numberOf(owners[at]!) >= 0)
  const keptVectors = new Int8Array(kept.length * dimensions)
  const keptBefore = new Int32Array(owners.length + 1)
  kept.forEach((from, to) => {
    keptVectors.set(vectors.subarray(from * dimensions, (from + 1) * dimensions), to * dimensions)
    keptBefore[from + 1] = 1
  })
  for (let at = 0; at < owners.length; at += 1) keptBefore[at + 1]! += keptBefore[at]!
  return {
    set: new VectorSet({
      dimensions,
      vectors: keptVectors,
      middles,
      starts: starts.map((start) => keptBefore[start]!),
    }),
    owners: Int32Array.from(kept, (at) => numberOf(owners[at]!)),
  }
}

function joined(...rows: readonly Row[]): Row {
  const { dimensions } = rows[0]!.set.parts
  const vectors = rows.flatMap(({ set }) =>
    Array.from({ length: set.size }, (_, at) =>
      Float32Array.from(set.parts.vectors.subarray(at * dimensions, (at + 1) * dimensions)),
    ),
  )
  const owners = rows.flatMap((row) => [...row.owners])
  const { parts, order } = clusterVectors(vectors, dimensions)
  return { set: new VectorSet(parts), owners: order.map((at) => owners[at]!) }
}
