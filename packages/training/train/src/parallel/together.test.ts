/** Rank agreement, as far as one process can test it; `packages/apps/cli/test/ranks.test.ts` uses two. */

import { ProcessGroup, type Tensor } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { tinyOptions } from '../../test/tiny-run.ts'
import { defineRun, type RunOptions } from '../run.ts'
import { agree } from './agree.ts'
import { parallelDefaults } from './parallel-options.ts'
import { checkLayout, checkStart, reportStart } from './start-together.ts'

const alone = new ProcessGroup(0, 0, [0])
const run = defineRun(tinyOptions('runs/tiny'))

describe('ranks', () => {
  it('are asked what one is asked', () => {
    for (const world of [undefined, alone])
      for (const stop of ['no', 'interrupted', 'stopped'] as const)
        for (const save of [false, true]) expect(agree(world, { stop, save })).toEqual({ stop, save })
  })

  /** Runs a rank with the values that rank 0 broadcast before. */
  const after = (first: (world: ProcessGroup) => void, second: (world: ProcessGroup) => void): void => {
    let reported: Tensor | undefined
    const world = (rank: number): ProcessGroup =>
      Object.assign(new ProcessGroup(0, rank, [0, 1]), {
        broadcast_: (tensor: Tensor) => {
          if (reported) tensor.copy_(reported)
          else reported = tensor.clone().unscope()
        },
      })
    first(world(0))
    second(world(1))
  }

  it('differ in what decides where they meet, or begin', () => {
    const apart = (options: Partial<RunOptions>): void =>
      after(
        (world) => void reportStart(world, run, 3),
        (world) => expect(reportStart(world, defineRun({ ...run, ...options }))).toBe(3),
      )
    expect(() => apart({ name: 'other', folder: 'elsewhere' })).not.toThrow()
    const differs = (what: string): unknown =>
      expect.objectContaining({
        code: 'train_ranks_differ',
        message: `rank 1 has loaded another run than rank 0: they differ in ${what}`,
      })
    const samples = { prompts: [[1]], maxTokens: 3, stop: [], decode: () => '' }
    for (const [options, what] of [
      [{ seed: 5 }, 'what decides the weights'],
      [{ data: { ...run.data, valid: run.data.train } }, 'held-out data'],
      [{ evaluate: { everySteps: 5 } }, 'evaluate.everySteps'],
      [{ evaluate: { ...run.evaluate, samples } }, 'evaluate.samples'],
      [{ checkpoint: { everySteps: 7, keep: 2, best: 1 } }, 'checkpoint.everySteps, checkpoint.best'],
      [{ checkpointing: { every: 1 }, memory: { limit: '4GiB' } }, 'checkpointing, memory'],
    ] as const)
      expect(() => apart(options), what).toThrow(differs(what))
  })

  it('divide a run alike, each with the patience it has', () => {
    const options = { ...parallelDefaults, data: 2 }
    const apart = (change: object): void =>
      after(
        (world) => checkLayout(world, options),
        (world) => checkLayout(world, { ...options, ...change }),
      )
    expect(() => apart({ timeoutSeconds: 5 })).not.toThrow()
    expect(() => apart({ data: 1, tensor: 2 })).toThrow('differ in parallel.tensor, parallel.data')
  })

  it('begin where rank 0 does, or say what they found instead', () => {
    expect(reportStart(alone, run, 12)).toBe(12)
    expect(() => checkStart(alone, run, 12, 12)).not.toThrow()
    const differs = (message: string): unknown =>
      expect.objectContaining({ code: 'train_ranks_differ', message })
    expect(() => checkStart(alone, run, 12, 0)).toThrow(
      differs('rank 0 finds no checkpoint in runs/tiny, but rank 0 resumes after step 12'),
    )
    expect(() => checkStart(alone, run, 0, 5)).toThrow(
      differs('rank 0 finds the checkpoint of step 5 in runs/tiny, but rank 0 resumes after step 0'),
    )
  })
})
