/**
 * What is held of which beginnings: a radix tree over the tokens of all that hold keys and values, each of which has one path in
 * it. Finds for a new prompt how much everyone holds of it, says what nobody else would hold if one were lost, and which
 * beginning is asked for again and again. Time is an argument; knows nothing of where keys and values are.
 */

interface Node<Holder> {
  /** From the parent to here; only the root has none. */
  edge: number[]
  /** Tokens from the root to the end of `edge`. */
  depth: number
  parent: Node<Holder> | undefined
  readonly children: Map<number, Node<Holder>>
  /** Whose path goes through the whole of `edge`. */
  readonly holders: Set<Holder>
  /** How often prompts went through here, counted less the longer ago it was. */
  heat: number
  heatAt: number
  /** Tokens that ever came next; no more of them than `maxWays`. */
  ways: Set<number>
}

export interface Shared<Holder> {
  readonly holder: Holder
  /** How many of the first tokens its path has in common with the prompt. */
  readonly length: number
}

export interface HotOptions {
  readonly minTokens: number
  readonly minHeat: number
  /** Different tokens that came next; 8 at most. */
  readonly minWays: number
}

export interface HotPrefix<Holder> {
  readonly length: number
  readonly holders: readonly Holder[]
}

/** A stretch of the tree, for those who want to look at it. */
export interface PrefixNode<Holder> {
  /** Of one list alone, in which a parent stands before its children. */
  readonly id: number
  readonly parent: number | undefined
  readonly root: string
  /** From the parent's end to its own; `depth` counts from the beginning. */
  readonly tokens: readonly number[]
  readonly depth: number
  readonly holders: ReadonlySet<Holder>
  /** Uses of late: one of ten minutes ago counts half. */
  readonly heat: number
  readonly usedAt: number | undefined
}

/** After so long, a use counts half. */
const halfLifeMillis = 600_000
/** A longer beginning that is asked for nearly as often stands for the shorter one. */
const alike = 0.75
const maxWays = 8

/**
 * Who holds which beginnings of token sequences, and which beginnings are asked for again and again: a radix tree.
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
  /** Where each path ends; its node is split there, so that it ends with an edge. */
  readonly #ends = new Map<Holder, { readonly root: string; node: Node<Holder> }>()

  /** Tokens in the path of a holder; 0 for one that has none. */
  length(holder: Holder): number {
    return this.#ends.get(holder)?.node.depth ?? 0
  }

  /** The path of a holder. */
  tokens(holder: Holder): number[] {
    const end = this.#ends.get(holder)
    return end === undefined ? [] : pathTo(end.node)
  }

  /**
   * A holder holds these tokens now, and nothing else. Prompts are compared only with paths of the same `root`. What it held
   * before and still holds keeps its heat.
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

  /** Its path goes on with these tokens. */
  extend(holder: Holder, tokens: readonly number[]): void {
    if (tokens.length === 0) return
    const end = this.#ends.get(holder)
    if (end === undefined) throw new RangeError('a holder without a path cannot extend it')
    const { node } = end
    // Where others went on in another way is worth remembering.
    if (node.ways.size === 0 && node.holders.size === 1) {
      for (const token of tokens) node.edge.push(token)
      node.depth += tokens.length
    } else end.node = this.#grow(node, tokens, holder)
  }

  /** Only the first `length` tokens stay. */
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

  /** Everyone who holds at least the first token, and how many of the first. */
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

  /** A prompt with this path came: its beginnings are the warmer for it. */
  touch(holder: Holder, now: number): void {
    for (let node = this.#ends.get(holder)?.node; node !== undefined; node = node.parent) {
      node.heat = heatOf(node, now) + 1
      node.heatAt = now
    }
  }

  /**
   * What would have to be computed again if the holder lost all but its first `kept` tokens: those that nobody else holds,
   * each as far as it is likely to be asked for.
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

  /** All tokens of its path, as far as they are likely to be asked for, whoever else holds them. */
  demand(holder: Holder, now: number): number {
    const node = this.#ends.get(holder)?.node
    if (node === undefined) return 0
    const heat = heatOf(node, now)
    return (node.depth * heat) / (heat + 1)
  }

  /** Tokens at the end of its path that nobody else holds. */
  alone(holder: Holder): number {
    const end = this.#ends.get(holder)?.node
    let node = end
    while (node !== undefined && node.holders.size === 1) node = node.parent
    return (end?.depth ?? 0) - (node?.depth ?? 0)
  }

  /**
   * The longest beginning of a path that was asked for so often, and went on in so many ways, that it is worth having by
   * itself; and who holds exactly that.
   */
  hotBeginning(
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

  /** The longest beginning of a path that others who are meant hold, too, and who they are. */
  sharedBy(holder: Holder, isMeant: (other: Holder) => boolean): HotPrefix<Holder> | undefined {
    for (let node = this.#ends.get(holder)?.node; node?.parent !== undefined; node = node.parent) {
      if (node.holders.size === 1) continue
      const holders = [...node.holders].filter((other) => other !== holder && isMeant(other))
      if (holders.length > 0) return { length: node.depth, holders }
    }
    return undefined
  }

  /** The warmest `most` nodes, of those alike the longest; none without its parent. */
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

  /** A path that ended there is no more, but for the nodes of another one. */
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

  /** Takes a node's only child into it, where nobody ends between them and both are as warm. */
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

  /** From the end of `node` on; returns where the path ends. */
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

/** Puts a node where the first `length` tokens of an edge end; returns it. */
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

/** With all below it. */
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
