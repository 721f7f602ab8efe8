/** An unsupported setting in a private run is one issue that names it; supported ones are none. */

import type { packStream } from '@hadal/nn'
import { defineRun, type RunOptions } from '@hadal/train'
import { describe, expect, it } from 'vitest'
import { tinyOptions } from './tiny-run.ts'

const privacy = { epsilon: 8, accountant: 'rdp' } as const
const base = tinyOptions('unused')
const runOf = (change: Partial<RunOptions> = {}) => defineRun({ ...base, privacy, ...change } as RunOptions)

function issuesOf(change: object): string[] {
  try {
    runOf(change)
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message: string }
    expect(code).toBe('train_invalid_run')
    return message.split('\n  - ').slice(1)
  }
  return []
}

const { data } = base
const windows = data.train as ReturnType<typeof packStream>
const stream = {
  length: 8,
  fingerprint: 'f',
  open: () => ({ next: () => windows, state: 0, restore: () => {}, epoch: 0 }),
}
const pairs = { train: { chosen: windows, rejected: windows }, valid: { chosen: windows, rejected: windows } }
const startFrom = new Map([['lm_head.weight', { shape: [1], values: new Float32Array(1) }]])

describe('a private run', () => {
  it.each<[string, object, string]>([
    ['streams', { data: { ...data, train: stream } }, 'data.train is a stream'],
    ['pairs', { objective: { kind: 'reward' }, data: pairs }, 'objective reward reads pairs'],
    ['dpo', { objective: { kind: 'dpo' }, data: pairs, startFrom }, 'objective dpo reads pairs'],
    ['fp16', { precision: 'fp16' }, 'precision "fp16" scales by'],
    ['fp8', { precision: 'fp8' }, 'precision "fp8" scales by'],
    ['a guard', { guard: {} }, 'guard uses losses that the budget does not cover'],
    ['chunks', { lossChunkTokens: 4 }, 'lossChunkTokens is 4'],
    [
      'a target',
      { checkpointing: { memoryTarget: '4GiB' } },
      'checkpointing.memoryTarget does not account for privacy',
    ],
    [
      'book-keeping of what is forgotten',
      { checkpointing: { every: 1 }, privacy: { ...privacy, mode: 'book-keeping' } },
      'privacy.mode book-keeping needs the activations',
    ],
    ['divided batches', { parallel: { data: 2 } }, 'parallel.data is 2; a private run'],
    ['divided layers', { parallel: { tensor: 2 } }, 'parallel.tensor is 2; a private run'],
    ['shared weights', { parallel: { zero: 1 } }, 'parallel.zero is 1; a private run'],
    ['no clip norm', { privacy: { epsilon: 3, clipNorm: 0 } }, 'privacy.clipNorm is 0; it must be above 0'],
    [
      'a rate above 1',
      { batch: { windows: 16, accumulate: 2 } },
      'a sample rate of 1.6; it must be at most 1',
    ],
    [
      'too many steps',
      { privacy: { ...privacy, noiseMultiplier: 0.6 }, schedule: { ...base.schedule, totalSteps: 900 } },
      'schedule.totalSteps is 900; at noise 0.6',
    ],
    [
      'unknown keys',
      { privacy: { ...privacy, epsilons: 3 } },
      'privacy.epsilons is unknown; did you mean epsilon',
    ],
    ['no object', { privacy: 3 }, 'privacy is 3; it must be an object'],
  ])('refuses %s', (_, change, issue) => {
    const issues = issuesOf(change)
    expect(issues).toEqual([expect.stringContaining(issue)])
  })

  it('names batches by their settings', () => {
    expect(issuesOf({ batch: { windows: 16, accumulate: 2 } })[0]).toContain(
      'batch.windows 16 times batch.accumulate 2 is 32 rows a step of 20',
    )
  })

  it('turns off by itself what reads what no budget covers', () => {
    const run = runOf()
    expect(run.guard).toBe(false)
    expect(run.expertBalanceRate).toBe(0)
    expect(run.lossChunkTokens).toBe(0)
    expect(defineRun({ ...run, seed: 2 }).guard).toBe(false)
    expect(defineRun(base).guard).not.toBe(false)
  })
})

describe('the fingerprint of a private run', () => {
  const of = (change: object) => runOf({ privacy: { ...privacy, ...change } }).fingerprint

  it('is another where the noise, the clipping or the draws are others', () => {
    const all = [
      defineRun(base).fingerprint,
      of({}),
      of({ epsilon: 4 }),
      of({ delta: 1e-3 }),
      of({ clipNorm: 2 }),
      of({ clipping: 'automatic' }),
      of({ secure: false }),
      of({ noiseMultiplier: 5 }),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('is the same however its numbers are written, counted or computed', () => {
    const noise = { noiseMultiplier: 5 }
    const same = [
      of(noise),
      of({ ...noise, epsilon: 9 }),
      of({ ...noise, accountant: 'gdp' }),
      of({ ...noise, delta: 1e-3 }),
    ]
    expect(new Set([...same, of({ ...noise, clipNorm: 1, mode: 'exact' })]).size).toBe(1)
  })
})
