/**
 * Which rows of each parameter the ranks that divide a batch keep, each a share of all (ZeRO: Rajbhandari et al. 2020,
 * arXiv:1910.02054). Pure; needs no libtorch.
 */

/** Shards by row, or whole parameters per rank for optimizers that need full matrices. */
export type ShareRule = 'rows' | 'whole'

/** @internal */
export class Shares {
  readonly rule: ShareRule
  readonly rank: number
  readonly size: number
  readonly #edges: ReadonlyMap<string, readonly number[]>

  constructor(
    shapes: ReadonlyMap<string, readonly number[]>,
    rule: ShareRule,
    { rank, size }: { readonly rank: number; readonly size: number },
  ) {
    this.rank = rank
    this.size = size
    this.rule = rule
    this.#edges = rule === 'rows' ? evenRows(shapes, size) : wholeParameters(shapes, size)
  }

  /** The rows of dimension 0 that `rank` keeps: from, up to but not including to. */
  rows(name: string, rank: number = this.rank): readonly [from: number, to: number] {
    const edges = this.#edges.get(name)!
    return [edges[rank]!, edges[rank + 1]!]
  }

  /** The parameter that a tensor of an optimizer's state belongs to, by the end of its name; undefined for none. */
  parameterOf(stateName: string): string | undefined {
    for (let at = 0; at >= 0; at = stateName.indexOf('.', at) + 1 || -1) {
      const name = stateName.slice(at)
      if (this.#edges.has(name)) return name
    }
    return undefined
  }
}

function evenRows(
  shapes: ReadonlyMap<string, readonly number[]>,
  size: number,
): Map<string, readonly number[]> {
  return new Map(
    [...shapes].map(([name, [rows = 1]]) => [
      name,
      Array.from({ length: size + 1 }, (_, rank) => Math.floor((rank * rows) / size)),
    ]),
  )
}

/** The largest first, each to the rank that has least so far. */
function wholeParameters(
  shapes: ReadonlyMap<string, readonly number[]>,
  size: number,
): Map<string, readonly number[]> {
  const numel = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
  const held = new Array<number>(size).fill(0)
  const owners = new Map<string, number>()
  for (const [name, shape] of [...shapes].sort((a, b) => numel(b[1]) - numel(a[1]))) {
    const owner = held.indexOf(Math.min(...held))
    held[owner]! += numel(shape)
    owners.set(name, owner)
  }
  return new Map(
    [...shapes].map(([name, [rows = 1]]) => [
      name,
      Array.from({ length: size + 1 }, (_, rank) => (rank > owners.get(name)! ? rows : 0)),
    ]),
  )
}
