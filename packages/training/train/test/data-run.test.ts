/** Data-parallel runs give the same results as single-process runs, at every ZeRO stage. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import type { RunOptions } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { runsSlowTests } from '../../../kernel/base/test/slow-tests.ts'
import type { DividedRun } from './divided-runs.ts'
import {
  alone,
  expectSame,
  freshFolder,
  inLongTests,
  named,
  ofTwentySteps,
  type Requested,
  reference,
  root,
  together,
  weightsApart,
} from './run-together.ts'

afterAll(() => rmSync(root, { recursive: true }))
setNumThreads(1)

// Small enough for several buckets.
const bucketBytes = 4096
const zero = (stage: 0 | 1 | 2 | 3): Requested['parallel'] => ({ zero: stage, bucketBytes })
/** All of them in long tests. */
const stages = (...short: (0 | 1 | 2 | 3)[]): readonly (0 | 1 | 2 | 3)[] =>
  runsSlowTests ? [0, 1, 2, 3] : short
const llama = (stage: 0 | 1 | 2 | 3, change: Partial<RunOptions> = {}): Requested => ({
  model: 'llama',
  parallel: zero(stage),
  change,
})

const cases: readonly (readonly [string, number, readonly Requested[]])[] = [
  ['two processes', 2, [llama(0), llama(1), llama(2), llama(3)]],
  [
    'two processes with averaged weights and layers recomputed',
    2,
    stages(1, 3).map((stage) => llama(stage, { average: {}, checkpointing: { every: 1 } })),
  ],
  [
    'two processes with optimizers of whole matrices',
    2,
    [
      llama(1, { optimizer: { kind: 'muon' }, average: {} }),
      llama(2, { optimizer: { kind: 'adafactor' } }),
      llama(3, { optimizer: { kind: 'adamw-8bit', leastValues: 300 } }),
    ],
  ],
  [
    'two processes with experts',
    2,
    [
      ...inLongTests({ model: 'deepseek', parallel: zero(0) }),
      { model: 'deepseek', parallel: zero(2), change: { checkpointing: { every: 1 } } },
      { model: 'deepseek', parallel: zero(3) },
    ],
  ],
  // Rows do not divide evenly, and one pass has fewer rows than there are ranks.
  ['three processes', 3, [llama(1), llama(3, { batch: { windows: 3, accumulate: 1 } })]],
]

const both = (stage: 0 | 1 | 2 | 3, change: Partial<RunOptions> = {}): Requested => ({
  model: 'llama',
  parallel: { tensor: 2, zero: stage, bucketBytes },
  change,
})

describe.each([
  ...cases,
  [
    'four processes that divide layers, too',
    4,
    [both(0), ...inLongTests(both(1)), both(2, { average: {} }), both(3, { checkpointing: { every: 1 } })],
  ] as const,
])('%s', (_, ranks, requested) => {
  it('take the course of one, over 20 steps', async () => {
    const runs = named(requested)
    const losses = await together(ranks, runs)
    for (const [at, each] of runs.entries()) {
      const one = await reference(each)
      expectSame(losses[at]!, one.losses)
      expect(weightsApart(each.folder, one.folder)).toBeLessThanOrEqual(ofTwentySteps)
    }
  })
})

it('pairs, for which a pass runs the model twice, take the course of one process', async () => {
  const start = named([llama(0)])[0]!
  await alone(start)
  const pairStages = { reward: stages(2), dpo: stages(3) }
  const requested = (['reward', 'dpo'] as const).flatMap((kind) =>
    pairStages[kind].map((stage): Requested => {
      const startFolder = kind === 'dpo' ? { startFolder: start.folder } : {}
      return { ...llama(stage, { objective: { kind } }), pairs: true, ...startFolder }
    }),
  )
  const runs = named(requested)
  const losses = await together(2, runs)
  for (const [at, each] of runs.entries()) expectSame(losses[at]!, (await reference(each)).losses)
})

it('bf16 is the same within its rounding', async () => {
  const runs = named(stages(0, 1, 3).map((stage) => llama(stage, { precision: 'bf16' })))
  const losses = await together(2, runs)
  const one = { ...runs[0]!, folder: freshFolder() }
  const expected = await alone(one)
  for (const [at, each] of runs.entries()) {
    expectSame(losses[at]!, expected, 2e-2)
    expect(weightsApart(each.folder, one.folder)).toBeLessThan(2e-2)
  }
  // Sharding does not change results.
  for (const shared of losses.slice(1)) expect(shared).toEqual(losses[1])
})

it('the guard goes back where it does in one process', async () => {
  const guard = { maxNorm: 1.1, patience: 3, lowerRate: 0.9, snapshotEverySteps: 2 }
  const runs = named([llama(0, { guard }), llama(3, { guard, average: {} })])
  const losses = await together(2, runs)
  for (const [at, each] of runs.entries()) {
    const expected = await alone({ ...each, folder: freshFolder() })
    // Held-out data is read four times; and a rollback repeated some steps.
    expect(expected.length).toBeGreaterThan(20 + 4)
    expectSame(losses[at]!, expected)
  }
})

it('the loss scale of fp16 sees overflows wherever they are', async () => {
  const fp16 = (stage: 0 | 2 | 3, initial: number): Requested =>
    llama(stage, { precision: 'fp16', lossScale: { initial } })
  // The second so high that the first steps overflow.
  const runs = named([fp16(0, 128), fp16(0, 2 ** 24), ...inLongTests(fp16(2, 2 ** 24)), fp16(3, 2 ** 24)])
  const [low, whole, ...shared] = await together(2, runs)
  expectSame(low!, await alone({ ...runs[0]!, folder: freshFolder() }), 2e-2)
  expect(whole![4]).toBeGreaterThan(low![4]! * 1.02)
  for (const own of shared) expectSame(own, whole!, 1e-3)
})

it('adapters learn the same', async () => {
  const startFolder = join(root, 'start')
  await alone({ folder: startFolder, model: 'llama', stopAt: 4 })
  const runs = named(
    stages(0, 3).map((stage) => ({ ...llama(stage, { adapter: { rank: 4 } }), startFolder })),
  )
  const losses = await together(2, runs)
  const one = { ...runs[0]!, folder: freshFolder() }
  const expected = await alone(one)
  for (const [at, each] of runs.entries()) {
    expectSame(losses[at]!, expected)
    expect(weightsApart(each.folder, one.folder)).toBeLessThanOrEqual(ofTwentySteps)
  }
})

it('ranks drop other values of equal rows, and go on to the bit', async () => {
  const startFolder = freshFolder()
  await alone({ folder: startFolder, model: 'llama', stopAt: 4 })
  const change = { adapter: { rank: 4, dropout: 0.3 }, batch: { windows: 2, accumulate: 1 } }
  const requested = { ...llama(0, change), sameRows: true, startFolder }
  const [whole, parts] = named([requested, requested])
  const [losses, first, rest] = await together(2, [whole!, { ...parts!, stopAt: 7 }, parts!])
  expect([...first!, ...rest!]).toEqual(losses)
  expect(weightsApart(parts!.folder, whole!.folder)).toBe(0)
  // Equal dropout masks would make two equal rows behave like one.
  const oneRow = { ...change, batch: { windows: 1, accumulate: 1 } }
  const one = await alone({ ...whole!, folder: freshFolder(), change: oneRow })
  expect(Math.max(...losses!.map((loss, step) => Math.abs(loss / one[step]! - 1)))).toBeGreaterThan(1e-4)
})

it('a run goes on with other shares and other ranks than the one it was saved by', async () => {
  const whole: DividedRun = { folder: freshFolder(), model: 'llama', change: { average: {} } }
  const losses = await alone(whole)
  const folder = freshFolder()
  const stages = [
    { parallel: zero(3), stopAt: 5 },
    { parallel: zero(1), stopAt: 9 },
    { parallel: zero(2), stopAt: 13 },
  ]
  const parts = await together(
    2,
    stages.map((stage) => ({ ...whole, ...stage, folder })),
  )
  const last = await alone({ ...whole, folder })
  expectSame([...parts.flat(), ...last], losses)
  expect(weightsApart(folder, whole.folder)).toBeLessThanOrEqual(ofTwentySteps)
})
