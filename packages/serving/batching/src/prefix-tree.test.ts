import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PrefixTree } from './prefix-tree.ts'

const common = (a: readonly number[], b: readonly number[]): number => {
  let length = 0
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1
  return length
}
const sorted = (shared: readonly { holder: number; length: number }[]): unknown[] =>
  shared.map(({ holder, length }) => [holder, length]).sort((a, b) => a[0]! - b[0]!)

const tokens = fc.array(fc.nat(2), { maxLength: 12 })
const action = fc.oneof(
  fc.record({ do: fc.constant('set' as const), holder: fc.nat(5), root: fc.constantFrom('a', 'b'), tokens }),
  fc.record({ do: fc.constant('extend' as const), holder: fc.nat(5), tokens }),
  fc.record({ do: fc.constant('truncate' as const), holder: fc.nat(5), length: fc.nat(12) }),
  fc.record({ do: fc.constant('remove' as const), holder: fc.nat(5) }),
  fc.record({ do: fc.constant('touch' as const), holder: fc.nat(5), now: fc.nat(10_000_000) }),
)

describe('PrefixTree', () => {
  it('knows of everyone what a list of all paths would', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), tokens, (actions, prompt) => {
        const tree = new PrefixTree<number>()
        const model = new Map<number, { root: string; tokens: readonly number[] }>()
        for (const action of actions) {
          const { holder } = action
          const held = model.get(holder)
          if (action.do === 'set') {
            tree.set(holder, action.root, action.tokens)
            if (action.tokens.length > 0) model.set(holder, { root: action.root, tokens: action.tokens })
            else model.delete(holder)
          } else if (action.do === 'extend' && held !== undefined) {
            tree.extend(holder, action.tokens)
            model.set(holder, { root: held.root, tokens: [...held.tokens, ...action.tokens] })
          } else if (action.do === 'truncate') {
            tree.truncate(holder, action.length)
            const rest = held?.tokens.slice(0, action.length) ?? []
            if (held !== undefined && rest.length > 0) model.set(holder, { root: held.root, tokens: rest })
            else model.delete(holder)
          } else if (action.do === 'remove') {
            tree.remove(holder)
            model.delete(holder)
          } else if (action.do === 'touch') tree.touch(holder, action.now)
          for (let each = 0; each < 6; each += 1) {
            const path = model.get(each)
            expect(tree.tokens(each)).toEqual(path?.tokens ?? [])
            expect(tree.length(each)).toBe(path?.tokens.length ?? 0)
            if (path === undefined) continue
            const others = [...model].filter(([other, { root }]) => other !== each && root === path.root)
            const shared = Math.max(0, ...others.map(([, other]) => common(path.tokens, other.tokens)))
            expect(tree.alone(each)).toBe(path.tokens.length - shared)
          }
          for (const root of ['a', 'b']) {
            const all = [...model].filter(([, path]) => path.root === root)
            const expected = all.map(([holder, path]) => ({ holder, length: common(prompt, path.tokens) }))
            expect(sorted(tree.match(root, prompt))).toEqual(
              sorted(expected.filter(({ length }) => length > 0)),
            )
          }
        }
      }),
    )
  })

  it('stays small, however many came by', () => {
    const tree = new PrefixTree<number>()
    const long = Array.from({ length: 200 }, (_, at) => at)
    tree.set(0, '', long)
    for (let at = 1; at < 200; at += 1) {
      tree.set(1, '', [...long.slice(0, at), 999])
      tree.remove(1)
    }
    // A single edge again: compared as a whole.
    expect(tree.match('', long)).toEqual([{ holder: 0, length: 200 }])
    expect(tree.loss(0, 0, 0)).toBe(0)
    tree.touch(0, 0)
    expect(tree.loss(0, 0, 0)).toBe(100)
  })

  it('counts only tokens that no other holder has as lost, weighted by demand', () => {
    const tree = new PrefixTree<string>()
    tree.set('a', '', [1, 2, 3, 4])
    tree.set('b', '', [1, 2, 5, 6, 7])
    tree.touch('a', 0)
    tree.touch('b', 0)
    expect(tree.loss('a', 0, 0)).toBe(2 * 0.5)
    expect(tree.loss('b', 3, 0)).toBe(2 * 0.5)
    expect(tree.demand('b', 0)).toBe(5 * 0.5)
    expect(tree.demand('b', 600_000)).toBeCloseTo(5 / 3)
    tree.remove('b')
    expect(tree.demand('b', 0)).toBe(0)
    expect(tree.loss('a', 0, 0)).toBeCloseTo(2 * 0.5 + 2 * (2 / 3))
    expect(tree.loss('a', 0, 600_000)).toBeCloseTo(2 / 3 + 2 * 0.5)
  })

  it('finds a hot prefix with several continuations', () => {
    const tree = new PrefixTree<number>()
    const system = Array.from({ length: 100 }, (_, at) => at)
    const hot = { minTokens: 50, minHeat: 3, minWays: 3 }
    for (let holder = 0; holder < 8; holder += 1) {
      tree.set(holder, '', [...system, 1000 + holder, 1001])
      tree.touch(holder, 0)
      expect(tree.hotPrefix(holder, hot, 0)?.length).toBe(holder < 2 ? undefined : 100)
    }
    for (let holder = 0; holder < 7; holder += 1) tree.remove(holder)
    expect(tree.hotPrefix(7, hot, 0)).toEqual({ length: 100, holders: [] })
    tree.set(9, '', system)
    expect(tree.hotPrefix(7, hot, 0)).toEqual({ length: 100, holders: [9] })
    expect(tree.hotPrefix(7, hot, 3 * 600_000)).toBeUndefined()
  })

  it('takes no conversation that grows for such a beginning', () => {
    const tree = new PrefixTree<number>()
    for (let turn = 1; turn < 9; turn += 1) {
      tree.set(
        0,
        '',
        Array.from({ length: turn * 60 }, (_, at) => at),
      )
      tree.touch(0, 0)
    }
    expect(tree.hotPrefix(0, { minTokens: 50, minHeat: 3, minWays: 3 }, 0)).toBeUndefined()
  })

  it('takes no prompt for such a beginning that comes again and again as it is', () => {
    const tree = new PrefixTree<number>()
    const prompt = Array.from({ length: 100 }, (_, at) => at)
    for (let use = 0; use < 8; use += 1) {
      tree.set(0, '', prompt.slice(0, 99))
      tree.extend(0, prompt.slice(99))
      tree.touch(0, 0)
    }
    expect(tree.hotPrefix(0, { minTokens: 50, minHeat: 3, minWays: 3 }, 0)).toBeUndefined()
  })
})

describe('what the tree shows of itself', () => {
  const tree = new PrefixTree<string>()
  tree.set('a', 'x', [1, 2, 3, 4, 5])
  tree.set('b', 'x', [1, 2, 3, 9])
  tree.set('c', 'y', [7, 8])
  tree.touch('b', 1000)

  it('has each stretch behind the one it follows, the warmest first, and counts the rest', () => {
    const { nodes, all } = tree.nodes(10, 1000)
    expect(all).toBe(4)
    expect(
      nodes.map(({ id, parent, root, tokens, depth }) => [id, parent, root, tokens.length, depth]),
    ).toEqual([
      [0, undefined, 'x', 3, 3],
      [1, 0, 'x', 1, 4],
      [2, undefined, 'y', 2, 2],
      [3, 0, 'x', 2, 5],
    ])
    expect([...nodes[0]!.holders].sort()).toEqual(['a', 'b'])
    expect(nodes.map(({ heat, usedAt }) => [heat, usedAt])).toEqual([
      [1, 1000],
      [1, 1000],
      [0, undefined],
      [0, undefined],
    ])
    expect(tree.nodes(1, 1000)).toMatchObject({ all: 4, nodes: [{ depth: 3 }] })
  })

  it('says with whom a path has its beginning in common', () => {
    expect(tree.sharedBy('a', () => true)).toEqual({ length: 3, holders: ['b'] })
    expect(tree.sharedBy('a', (other) => other !== 'b')).toBeUndefined()
    expect(tree.sharedBy('c', () => true)).toBeUndefined()
    expect(tree.sharedBy('nobody', () => true)).toBeUndefined()
  })
})
