/** What ranks settle between them, as far as one can be tried alone; `packages/cli/test/ranks.test.ts` has two of them. */

import { ProcessGroup } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { tinyOptions } from '../../test/tiny-run.ts'
import { defineRun } from '../run.ts'
import { agree } from './agree.ts'
import { checkStart, tellStart } from './start-together.ts'

const alone = new ProcessGroup(0, 0, [0])
const run = defineRun(tinyOptions('runs/tiny'))

describe('ranks', () => {
  it('are asked what one is asked', () => {
    for (const world of [undefined, alone])
      for (const stop of ['no', 'interrupted', 'stopped'] as const)
        for (const save of [false, true]) expect(agree(world, { stop, save })).toEqual({ stop, save })
  })

  it('begin where rank 0 does, or say what they found instead', () => {
    expect(tellStart(alone, run, 12)).toBe(12)
    expect(() => checkStart(alone, run, 12, 12)).not.toThrow()
    const differs = (message: string): unknown =>
      expect.objectContaining({ code: 'train_ranks_differ', message })
    expect(() => checkStart(alone, run, 12, 0)).toThrow(
      differs('rank 0 finds no checkpoint in runs/tiny, and rank 0 goes on after step 12'),
    )
    expect(() => checkStart(alone, run, 0, 5)).toThrow(
      differs('rank 0 finds the checkpoint of step 5 in runs/tiny, and rank 0 goes on after step 0'),
    )
  })
})
