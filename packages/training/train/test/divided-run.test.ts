/** Model-parallel runs give the same results as single-process runs, and resume in each other's layout. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import { defineRun, type StepEvent, type TrainEvent, train } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { type DividedRun, dividedRunOptions } from './divided-runs.ts'
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

const small = { peak: 1e-3, warmupSteps: 3, totalSteps: 20, floorFraction: 0.1 }

const cases: readonly (readonly [string, number, readonly Requested[]])[] = [
  [
    'two processes that divide layers',
    2,
    [
      { model: 'llama', parallel: { tensor: 2 } },
      { model: 'llama', parallel: { tensor: 2, sequence: true }, change: { checkpointing: { every: 1 } } },
      { model: 'deepseek', parallel: { tensor: 2, sequence: true }, change: { average: {} } },
      {
        model: 'deepseek',
        parallel: { tensor: 2 },
        change: { checkpointing: { every: 1 }, lossChunkTokens: 0 },
      },
    ],
  ],
  [
    'two processes that divide experts',
    2,
    [
      { model: 'deepseek', parallel: { expert: 2 } },
      { model: 'deepseek', parallel: { expert: 2 }, change: { checkpointing: { every: 1 }, average: {} } },
      // Rows that only one rank reads, while the other's experts receive tokens of them.
      ...inLongTests({ model: 'deepseek', parallel: { expert: 2 }, shortPasses: true }),
      { model: 'deepseek', parallel: { expert: 2 }, shortPasses: true, change: { lossChunkTokens: 0 } },
    ],
  ],
  [
    'four processes',
    4,
    [
      ...inLongTests(
        { model: 'llama', parallel: { tensor: 2, sequence: true } },
        { model: 'llama', parallel: { tensor: 2, zero: 3 }, change: { checkpointing: { every: 1 } } },
      ),
      { model: 'deepseek', parallel: { tensor: 2, expert: 2, sequence: true } },
      { model: 'deepseek', parallel: { data: 4, expert: 2 } },
    ],
  ],
]

describe.each(cases)('%s', (_, ranks, requested) => {
  it('take the course of one, over 20 steps', async () => {
    const runs = named(requested)
    const losses = await together(ranks, runs)
    for (const [at, each] of runs.entries()) {
      const one = await reference(each)
      expectSame(losses[at]!, one.losses)
      expect(weightsApart(each.folder, one.folder)).toBeLessThanOrEqual(ofTwentySteps)
    }
    // Four processes on two cores, while other tests run.
  })
})

it('rewards and preferences, for which a pass runs the model twice, take the course of one process', async () => {
  const startFolder = join(root, 'start-of-pairs')
  await alone({ folder: startFolder, model: 'llama', stopAt: 4 })
  const reward: Requested = { model: 'llama', pairs: true, change: { objective: { kind: 'reward' } } }
  const dpo: Requested = { ...reward, startFolder, change: { objective: { kind: 'dpo' }, schedule: small } }
  const runs = named([
    ...inLongTests({ ...reward, parallel: { tensor: 2, sequence: true } }),
    { ...dpo, parallel: { tensor: 2 } },
    { ...reward, model: 'deepseek', parallel: { expert: 2 } },
  ])
  const losses = await together(2, runs)
  for (const [at, each] of runs.entries()) {
    const one = { ...each, folder: freshFolder() }
    expectSame(losses[at]!, await alone(one))
    expect(weightsApart(each.folder, one.folder)).toBeLessThanOrEqual(ofTwentySteps)
  }
})

it('adapters of divided layers learn the same as those of whole layers', async () => {
  const startFolder = join(root, 'start')
  await alone({ folder: startFolder, model: 'llama', stopAt: 4 })
  const change = { adapter: { rank: 4 }, schedule: small }
  const runs = named([{ model: 'llama', startFolder, change, parallel: { tensor: 2, sequence: true } }])
  const [losses] = await together(2, runs)
  const one = { ...runs[0]!, folder: join(root, 'one-adapter') }
  expectSame(losses!, await alone(one))
  expect(weightsApart(runs[0]!.folder, one.folder)).toBeLessThanOrEqual(ofTwentySteps)
})

it('in fp16 all ranks skip a step where one overflows', async () => {
  const change = { precision: 'fp16', lossScale: { initial: 2 ** 24 } } as const
  const runs = named([{ model: 'llama', parallel: { tensor: 2 }, change }])
  const [losses] = await together(2, runs)
  const { parallel: _, ...one } = { ...runs[0]!, folder: freshFolder() }
  const steps: StepEvent[] = []
  const expected: number[] = []
  const note = (event: TrainEvent): void => {
    if (event.type === 'step') steps.push(event)
    if (event.type === 'step' || event.type === 'evaluated') expected.push(event.loss)
  }
  await train(defineRun(dividedRunOptions(one)), { listeners: [note] })
  expect(steps.filter(({ skipped }) => skipped).length).toBeGreaterThan(0)
  expect(steps.filter(({ skipped }) => !skipped).length).toBeGreaterThan(0)
  expectSame(losses!, expected, 0.01)
})

it('ranks that divide a model leave references after the same pass when one is asked to stop', async () => {
  const startFolder = freshFolder()
  await alone({ folder: startFolder, model: 'llama', stopAt: 4 })
  const change = { objective: { kind: 'dpo' } } as const
  const requested: Requested = { model: 'llama', startFolder, change, pairs: true, interruptAt: 2 }
  const runs = named([{ ...requested, parallel: { tensor: 2 } }])
  expect(await together(2, runs)).toEqual([[]])
})

it('ranks that divide a model or its experts continue texts together', async () => {
  const runs = named([
    { model: 'llama', samples: true, parallel: { tensor: 2 } },
    { model: 'deepseek', samples: true, parallel: { expert: 2 } },
  ])
  const losses = await together(2, runs)
  expect(losses.map(({ length }) => length)).toEqual([23, 23])
})

it('a run goes on in another layout than the one it was saved in', async () => {
  const whole: DividedRun = { folder: join(root, 'whole'), model: 'deepseek' }
  const losses = await alone(whole)
  const parallel = { tensor: 2, sequence: true }

  const spread = { ...whole, folder: join(root, 'spread') }
  const before = await alone({ ...spread, stopAt: 9 })
  const [after] = await together(2, [{ ...spread, parallel }])
  expectSame([...before, ...after!], losses)
  expect(weightsApart(spread.folder, whole.folder)).toBeLessThanOrEqual(ofTwentySteps)

  const joined = { ...whole, folder: join(root, 'joined') }
  const [first] = await together(2, [{ ...joined, parallel, stopAt: 9 }])
  expectSame([...first!, ...(await alone(joined))], losses)
  expect(weightsApart(joined.folder, whole.folder)).toBeLessThanOrEqual(ofTwentySteps)
})
