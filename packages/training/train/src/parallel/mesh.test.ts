import type { ProcessGroup } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { dividedBatchIssues } from './data-issues.ts'
import { meshOf, meshOptions } from './mesh.ts'
import { parallelDefaults } from './parallel-options.ts'

const options = (parallel: object, ranks: number, windows = 8) =>
  meshOptions({ name: 'tiny', parallel, batch: { windows, accumulate: 1 } }, ranks)

it('divides the batch by all ranks that do not divide layers', () => {
  expect(options({}, 4)).toMatchObject({ data: 4, tensor: 1, zero: 0 })
  expect(options({ tensor: 2 }, 8)).toMatchObject({ data: 4, tensor: 2 })
})

it('rejects dimensions that do not match the ranks, every issue at once', () => {
  const issuesOf = (parallel: object, ranks: number, windows?: number): string => {
    try {
      return JSON.stringify(options(parallel, ranks, windows))
    } catch (error) {
      expect(error).toMatchObject({ code: 'train_invalid_run' })
      return (error as Error).message
    }
  }
  expect(issuesOf({ tensor: 2 }, 3)).toContain('data 1 x tensor 2 parts, which are 2 ranks, and there are 3')
  const issues = issuesOf({ data: 4, expert: 3 }, 2, 2)
  expect(issues).toContain('there are 2')
  expect(issues).toContain('parallel.expert is 3')
  expect(issues).toContain('batch.windows is 2, which 4 ranks cannot divide between them')
})

/** The groups that each rank of a world would join, recorded with a fake world. */
function groupsOf(ranks: number, parallel: object): number[][][] {
  return Array.from({ length: ranks }, (_, rank) => {
    const all = Array.from({ length: ranks }, (_, each) => each)
    const world = {
      rank,
      ranks: all,
      size: ranks,
      subgroup: (members: number[]) =>
        members.includes(rank)
          ? { rank: members.indexOf(rank), ranks: members, size: members.length }
          : undefined,
      close() {},
    } as unknown as ProcessGroup
    const { data, tensor, expert, replicas } = meshOf(world, options(parallel, ranks))
    return [data, tensor, expert, replicas].map((group) => [...group.ranks])
  })
}

it('is data x tensor, and experts within data', () => {
  const groups = groupsOf(8, { tensor: 2, expert: 2 })
  expect(groups[5]).toEqual([
    [1, 3, 5, 7],
    [4, 5],
    [5, 7],
    [1, 5],
  ])
  for (const [rank, own] of groups.entries())
    for (const [kind, members] of own.entries()) {
      expect(members).toContain(rank)
      // All members of a group agree on its membership.
      for (const member of members) expect(groups[member]![kind]).toEqual(members)
    }
  expect(groupsOf(2, {})[1]).toEqual([[0, 1], [1], [1], [0, 1]])
})

it('rejects ZeRO sharding with expert parallelism, and ZeRO 3 with fp8', () => {
  const issues = (parallel: object, precision: 'fp32' | 'fp8' = 'fp32') =>
    dividedBatchIssues({ parallel, precision })
  expect(issues({ zero: 2 })).toEqual([])
  expect(issues({ zero: 1, expert: 2 })).toEqual([expect.stringContaining('parallel.zero 1')])
  expect(issues({ zero: 3 }, 'fp8')).toEqual([expect.stringContaining('precision "fp8"')])
  expect(parallelDefaults.zero).toBe(0)
})
