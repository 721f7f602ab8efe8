/** Recomputation changes a run's memory but not its results. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ModelConfig, packStream } from '@hadal/nn'
import { memory, resetPeakMemory, setNumThreads } from '@hadal/tensor'
import {
  choiceWithin,
  defineRun,
  planRun,
  type Run,
  type RunOptions,
  type StepEvent,
  train,
} from '@hadal/train'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectClose } from '../../tensor/test/expect-close.ts'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-checkpointing-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function losses(run: Run): Promise<number[]> {
  const found: number[] = []
  await train(run, { listeners: [(event) => void (event.type === 'step' && found.push(event.loss))] })
  return found
}

describe.each(['fp32', 'bf16'] as const)('in %s', (precision) => {
  const options = (name: string, more: Partial<RunOptions>): Run =>
    defineRun({ ...tinyOptions(join(folder, name), precision), ...more })

  it('losses and fingerprint are those of a run that keeps everything', async () => {
    const whole = options('whole', {})
    const wanted = await losses(whole)
    for (const [name, checkpointing] of [
      ['every', { every: 1 }],
      ['two', { every: 2 }],
    ] as const) {
      const run = options(name, { checkpointing })
      expect(run.fingerprint).toBe(whole.fingerprint)
      expect(await losses(run)).toEqual(wanted)
    }
  })
})

/** Large enough that activations are most of its memory. */
const wideOptions = (name: string, more: Partial<RunOptions<ModelConfig>>): RunOptions<ModelConfig> => ({
  ...tinyOptions(join(folder, name)),
  model: {
    ...tinyOptions('').model,
    hidden_size: 64,
    intermediate_size: 192,
    num_hidden_layers: 4,
    max_position_embeddings: 64,
  } as ModelConfig,
  data: {
    train: packStream([Array.from({ length: 64 * 40 }, (_, i) => (i * i) % 31)], 64, 31),
    valid: packStream([Array.from({ length: 64 * 2 }, (_, i) => (i * i) % 31)], 64, 31),
  },
  batch: { windows: 16, accumulate: 1 },
  schedule: { peak: 0.01, warmupSteps: 1, totalSteps: 2, floorFraction: 0.1 },
  guard: false,
  ...more,
})

async function peakOf(
  run: Run<ModelConfig>,
): Promise<{ readonly peak: number; readonly steps: StepEvent[] }> {
  const steps: StepEvent[] = []
  const before = memory().currentBytes
  resetPeakMemory()
  await train(run, { listeners: [(event) => void (event.type === 'step' && steps.push(event))] })
  return { peak: memory().peakBytes - before, steps }
}

describe('a memory target', () => {
  it('is kept to, with as little computed again as fits, at the same losses', async () => {
    const whole = await peakOf(defineRun(wideOptions('whole', {})))
    const least = choiceWithin(defineRun(wideOptions('least', {})), 1).bytes
    for (const share of [0.8, 0.5]) {
      const target = Math.round(least + (whole.peak - least) * share)
      const run = defineRun(wideOptions(`${share}`, { checkpointing: { memoryTarget: target } }))
      const { peak, steps } = await peakOf(run)
      expect(peak).toBeLessThan(1.1 * target)
      expect(steps.map(({ loss }) => loss)).toEqual(whole.steps.map(({ loss }) => loss))
    }
    const generous = defineRun(wideOptions('generous', { checkpointing: { memoryTarget: '1GiB' } }))
    expect(choiceWithin(generous, 2 ** 30).work).toBe(0)
    expect(planRun(generous).bytes.activations).toBeGreaterThan(0)
  })

  it('that nothing meets is refused before the first step, with what would do', () => {
    const run = (): Run<ModelConfig> =>
      defineRun(wideOptions('small', { checkpointing: { memoryTarget: '1MiB' } }))
    expect(run).toThrow(/memoryTarget is "1MiB"; the run needs \d+MiB/)
    expect(existsSync(join(folder, 'small'))).toBe(false)
  })

  it('and all else that is amiss is named', () => {
    const issues = (checkpointing: object) => () =>
      defineRun(wideOptions('x', { checkpointing: checkpointing as RunOptions['checkpointing'] & object }))
    expect(issues({ every: 0 })).toThrow(/checkpointing.every is 0/)
    expect(issues({ memoryTarget: '4 apples' })).toThrow(/checkpointing.memoryTarget is "4 apples"/)
    expect(issues({ every: 1, memoryTarget: '4GiB' })).toThrow(
      /checkpointing sets both every 1 and memoryTarget "4GiB"; remove one/,
    )
    expect(issues({})).toThrow(/checkpointing must set every or memoryTarget/)
    expect(issues({ memoryTarget: 2 ** 20 })).toThrow(
      /memoryTarget is 1.0 MiB; the run needs \d+MiB even with everything recomputed/,
    )
    expect(issues({ evry: 1 })).toThrow(/did you mean/)
    expect(() => defineRun(wideOptions('x', { lossChunkTokens: -1 }))).toThrow(/lossChunkTokens is -1/)
  })
})

it('the loss in chunks of any size takes the course of the loss over all logits, as far as rounding goes', async () => {
  const wanted = await losses(defineRun({ ...tinyOptions(join(folder, 'whole')), lossChunkTokens: 0 }))
  for (const lossChunkTokens of [1, 7, 1000]) {
    const run = defineRun({ ...tinyOptions(join(folder, `${lossChunkTokens}`)), lossChunkTokens })
    const found = await losses(run)
    expectClose(found[0]!, wanted[0]!, { roundings: 500 }, 'before any update')
    expectClose(found, wanted, { roundings: 1000, condition: 30 }, 'after updates')
  }
})
