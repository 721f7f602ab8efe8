/**
 * A radix tree over the tokens of all holders of keys and values, each with one path. Finds how much of a new prompt each
 * holder has, what would be lost with a holder, and which prefixes are hot. Time is an argument; where keys and values are
 * stored is not its concern.
 */

interface Node<Holder> {
  /** Tokens from the parent to this node; only the root has none. */
  edge: number[]
  /** Tokens from the root to the end of `edge`. */
  depth: number
  parent: Node<Holder> | undefined
  readonly children: Map<number, Node<Holder>>
  /** Holders whose path includes the whole of `edge`. */
  readonly holders: Set<Holder>
  /** Decayed count of the prompts that passed through here. */
  heat: number
  heatAt: number
  /** Distinct tokens that ever followed; limited to `maxWays`. */
  ways: Set<number>
}

export interface Shared<Holder> {
  readonly holder: Holder
  /** Tokens that its path shares with the prompt. */
  readonly length: number
}

export interface HotOptions {
  readonly minTokens: number
  readonly minHeat: number
  /** Distinct next tokens; at most 8. */
  readonly minWays: number
}

export interface HotPrefix<Holder> {
  readonly length: number
  readonly holders: readonly Holder[]
}

/** A node of the tree, for inspection. */
export interface PrefixNode<Holder> {
  /** Index within one list, in which parents precede their children. */
  readonly id: number
  readonly parent: number | undefined
  readonly root: string
  /** From the end of the parent; `depth` counts from the root. */
  readonly tokens: readonly number[]
  readonly depth: number
  readonly holders: ReadonlySet<Holder>
  /** Decayed use count with a half-life of ten minutes. */
  readonly heat: number
  readonly usedAt: number | undefined
}

/** The half-life of a use. */
const halfLifeMillis = 600_000
/** A longer prefix used nearly as often replaces the shorter one. */
const alike = 0.75
const maxWays = 8

/**
 * A radix tree of which holder has which token prefixes and which prefixes are hot.
 *
 * @example
 * ```ts
 * import { PrefixTree } from '@hadal/batching'
 *
 * const tree = new PrefixTree<string>()
 * tree.set('slot 0', 'model', [1, 2, 3, 4])
 * tree.set('slot 1', 'model', [1, 2, 9])
 * tree.match('model', [1, 2, 3, 7]) // → [ { holder: 'slot 1', length: 2 }, { holder: 'slot 0', length: 3 } ]
 * ```
 */
export class PrefixTree<Holder> {
  readonly #roots = new Map<string, Node<Holder>>()
  /** The node at which each path ends; nodes are split so that a path ends with an edge. */
  readonly #ends = new Map<Holder, { readonly root: string; node: Node<Holder> }>()

  /** Path length of a holder in tokens; 0 if it has none. */
  length(holder: Holder): number {
    return this.#ends.get(holder)?.node.depth ?? 0
  }

  /** The path of a holder. */
  tokens(holder: Holder): number[] {
    const end = this.#ends.get(holder)
    return end === undefined ? [] : pathTo(end.node)
  }

  /**
   * Sets the tokens of a holder, replacing its path. Prompts are compared only with paths of the same `root`. The part it keeps
   * retains its heat.
   */
  set(holder: Holder, root: string, tokens: readonly number[]): void {
    const before = this.#ends.get(holder)
    if (tokens.length === 0) {
      this.remove(holder)
      return
    }
    const start = this.#roots.get(root) ?? newNode<Holder>(undefined, [], 0)
    this.#roots.set(root, start)
    const node = this.#grow(start, tokens, holder)
    this.#ends.set(holder, { root, node })
    if (before !== undefined) this.#letGo(holder, before, new Set(nodesTo(node)))
  }

  /** Appends tokens to its path. */
  extend(holder: Holder, tokens: readonly number[]): void {
    if (tokens.length === 0) return
    const end = this.#ends.get(holder)
    if (end === undefined) throw new RangeError('a holder without a path cannot extend it')
    const { node } = end
    // Points where other paths diverged are worth remembering.
    if (node.ways.size === 0 && node.holders.size === 1) {
      for (const token of tokens) node.edge.push(token)
      node.depth += tokens.length
    } else end.node = this.#grow(node, tokens, holder)
  }

  /** Keeps only the first `length` tokens. */
  truncate(holder: Holder, length: number): void {
    const end = this.#ends.get(holder)
    if (end === undefined || length >= end.node.depth) return
    const tokens = pathTo(end.node).slice(0, length)
    this.set(holder, end.root, tokens)
  }

  remove(holder: Holder): void {
    const end = this.#ends.get(holder)
    if (end === undefined) return
    this.#ends.delete(holder)
    this.#letGo(holder, end, new Set())
  }

  /** All holders that share at least the first token, with the number of shared tokens. */
  match(root: string, tokens: readonly number[]): Shared<Holder>[] {
    const shared: Shared<Holder>[] = []
    let node = this.#roots.get(root)
    let depth = 0
    while (node !== undefined) {
      const next: Node<Holder> | undefined =
        depth < tokens.length ? node.children.get(tokens[depth]!) : undefined
      if (depth > 0)
        for (const holder of node.holders)
          if (next === undefined || !next.holders.has(holder)) shared.push({ holder, length: depth })
      if (next === undefined) break
      const common = commonLength(next.edge, tokens, depth)
      depth += common
      if (common < next.edge.length) {
        for (const holder of next.holders) shared.push({ holder, length: depth })
        break
      }
      node = next
    }
    return shared
  }

  /** A prompt with this path arrived: heats its prefixes. */
  touch(holder: Holder, now: number): void {
    for (let node = this.#ends.get(holder)?.node; node !== undefined; node = node.parent) {
      node.heat = heatOf(node, now) + 1
      node.heatAt = now
    }
  }

  /**
   * Tokens that would have to be recomputed if the holder lost all but its first `kept` tokens: those held by no other,
   * weighted by their likelihood of reuse.
   */
  loss(holder: Holder, kept: number, now: number): number {
    let loss = 0
    for (
      let node = this.#ends.get(holder)?.node;
      node?.parent !== undefined && node.depth > kept;
      node = node.parent
    ) {
      if (node.holders.size > 1) break
      const tokens = Math.min(node.edge.length, node.depth - kept)
      const heat = heatOf(node, now)
      loss += (tokens * heat) / (heat + 1)
    }
    return loss
  }

  /** All tokens of its path weighted by their likelihood of reuse, including those held by others. */
  demand(holder: Holder, now: number): number {
    const node = this.#ends.get(holder)?.node
    if (node === undefined) return 0
    const heat = heatOf(node, now)
    return (node.depth * heat) / (heat + 1)
  }

  /** Tokens at the end of its path that no other holder has. */
  alone(holder: Holder): number {
    const end = this.#ends.get(holder)?.node
    let node = end
    while (node !== undefined && node.holders.size === 1) node = node.parent
    return (end?.depth ?? 0) - (node?.depth ?? 0)
  }

  /**
   * The longest prefix of a path that was requested often enough, with enough different continuations, to be cached separately;
   * and the holder of exactly that prefix, if any.
   */
  hotPrefix(
    holder: Holder,
    { minTokens, minHeat, minWays }: HotOptions,
    now: number,
  ): HotPrefix<Holder> | undefined {
    for (let node = this.#ends.get(holder)?.node; node !== undefined; node = node.parent) {
      if (node.depth < minTokens) return undefined
      if (node.ways.size < minWays || heatOf(node, now) < minHeat) continue
      const holders = [...node.holders].filter((each) => this.#ends.get(each)!.node === node)
      return { length: node.depth, holders }
    }
    return undefined
  }

  /** The longest prefix of a path that matching other holders also have, and which holders those are. */
  sharedBy(holder: Holder, isMeant: (other: Holder) => boolean): HotPrefix<Holder> | undefined {
    for (let node = this.#ends.get(holder)?.node; node?.parent !== undefined; node = node.parent) {
      if (node.holders.size === 1) continue
      const holders = [...node.holders].filter((other) => other !== holder && isMeant(other))
      if (holders.length > 0) return { length: node.depth, holders }
    }
    return undefined
  }

  /** The hottest `most` nodes, longer ones first among equals; every node comes with its parent. */
  nodes(most: number, now: number): { readonly nodes: readonly PrefixNode<Holder>[]; readonly all: number } {
    const nodes: PrefixNode<Holder>[] = []
    const edges = [...this.#roots].flatMap(([root, node]) =>
      [...node.children.values()].map((child) => ({
        node: child,
        root,
        parent: undefined as number | undefined,
      })),
    )
    while (edges.length > 0 && nodes.length < most) {
      const next = edges.reduce((best, each) => (isWarmer(each.node, best.node, now) ? each : best))
      edges.splice(edges.indexOf(next), 1)
      const { node, root, parent } = next
      const { edge: tokens, depth, holders } = node
      const id = nodes.length
      const usedAt = node.heat > 0 ? node.heatAt : undefined
      nodes.push({ id, parent, root, tokens, depth, holders, heat: heatOf(node, now), usedAt })
      for (const child of node.children.values()) edges.push({ node: child, root, parent: id })
    }
    const rest = edges.reduce((sum, { node }) => sum + countOf(node), 0)
    return { nodes, all: nodes.length + rest }
  }

  /** Removes a path that ended there, except nodes that are part of another. */
  #letGo(
    holder: Holder,
    end: { readonly root: string; readonly node: Node<Holder> },
    kept: ReadonlySet<Node<Holder>>,
  ): void {
    for (const node of nodesTo(end.node)) {
      if (kept.has(node)) {
        this.#join(node)
        return
      }
      const { parent } = node
      node.holders.delete(holder)
      if (parent === undefined) {
        if (node.holders.size === 0) this.#roots.delete(end.root)
      } else if (node.holders.size === 0) parent.children.delete(node.edge[0]!)
      else this.#join(node)
    }
  }

  /** Merges a node's only child into it if no path ends between them and both have similar heat. */
  #join(node: Node<Holder>): void {
    const [child] = node.children.values()
    if (
      child === undefined ||
      node.parent === undefined ||
      node.children.size > 1 ||
      child.holders.size < node.holders.size
    )
      return
    if (node.ways.size > 1 && child.heat < alike * heatOf(node, child.heatAt)) return
    node.edge = node.edge.concat(child.edge)
    node.depth = child.depth
    node.ways = child.ways
    node.children.clear()
    for (const [first, grandchild] of child.children) {
      grandchild.parent = node
      node.children.set(first, grandchild)
    }
    for (const holder of child.holders) {
      const end = this.#ends.get(holder)!
      if (end.node === child) end.node = node
    }
  }

  /** Extends the path from the end of `node`; returns where it ends. */
  #grow(start: Node<Holder>, tokens: readonly number[], holder: Holder): Node<Holder> {
    for (let node: Node<Holder> | undefined = start; node !== undefined; node = node.parent)
      node.holders.add(holder)
    let node = start
    let at = 0
    while (at < tokens.length) {
      const child = node.children.get(tokens[at]!)
      if (child === undefined) {
        const leaf = newNode(node, tokens.slice(at), node.depth + tokens.length - at)
        leaf.holders.add(holder)
        node.children.set(tokens[at]!, leaf)
        if (node.ways.size < maxWays) node.ways.add(tokens[at]!)
        return leaf
      }
      const common = commonLength(child.edge, tokens, at)
      node = common === child.edge.length ? child : split(child, common)
      node.holders.add(holder)
      at += common
    }
    return node
  }
}

/** Inserts a node after the first `length` tokens of an edge and returns it. */
function split<Holder>(child: Node<Holder>, length: number): Node<Holder> {
  const parent = child.parent!
  const middle = newNode(parent, child.edge.slice(0, length), parent.depth + length)
  for (const holder of child.holders) middle.holders.add(holder)
  Object.assign(middle, { heat: child.heat, heatAt: child.heatAt })
  parent.children.set(middle.edge[0]!, middle)
  child.edge = child.edge.slice(length)
  child.parent = middle
  middle.children.set(child.edge[0]!, child)
  middle.ways.add(child.edge[0]!)
  return middle
}

const newNode = <Holder>(parent: Node<Holder> | undefined, edge: number[], depth: number): Node<Holder> => ({
  edge,
  depth,
  parent,
  children: new Map(),
  holders: new Set(),
  heat: 0,
  heatAt: 0,
  ways: new Set(),
})

const heatOf = ({ heat, heatAt }: { readonly heat: number; readonly heatAt: number }, now: number): number =>
  heat * 2 ** (-(now - heatAt) / halfLifeMillis)

function isWarmer<Holder>(one: Node<Holder>, other: Node<Holder>, now: number): boolean {
  const more = heatOf(one, now) - heatOf(other, now)
  return more === 0 ? one.edge.length > other.edge.length : more > 0
}

/** Includes all descendants. */
const countOf = <Holder>({ children }: Node<Holder>): number =>
  [...children.values()].reduce((sum, child) => sum + countOf(child), 1)

function commonLength(edge: readonly number[], tokens: readonly number[], from: number): number {
  const most = Math.min(edge.length, tokens.length - from)
  let length = 0
  while (length < most && edge[length] === tokens[from + length]) length += 1
  return length
}

function pathTo<Holder>(node: Node<Holder>): number[] {
  return nodesTo(node)
    .reverse()
    .flatMap(({ edge }) => edge)
}

/** From a node up to the root. */
function nodesTo<Holder>(node: Node<Holder>): Node<Holder>[] {
  const nodes: Node<Holder>[] = []
  for (let each: Node<Holder> | undefined = node; each !== undefined; each = each.parent) nodes.push(each)
  return nodes
}
