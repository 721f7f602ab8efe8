import { packStream } from '@hadal/nn'
import { memory, resetPeakMemory, scope, setNumThreads } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineRun, type Run, type RunOptions } from '../run.ts'
import { Session } from '../session.ts'
import { trainStep } from '../train-step.ts'
import { planTechniques, type TechniquesPlan } from './plan-techniques.ts'

setNumThreads(1)
const windows = packStream([Array.from({ length: 3000 }, (_, i) => i % 500)], 64, 0)
const options = (change: Partial<RunOptions> = {}): RunOptions => ({
  name: 'techniques',
  folder: 'unused',
  model: {
    vocab_size: 1024,
    hidden_size: 96,
    intermediate_size: 256,
    num_hidden_layers: 6,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 64,
    rms_norm_eps: 1e-5,
    rope_theta: 1e4,
    tie_word_embeddings: true,
  },
  data: { train: windows, valid: windows },
  batch: { windows: 8, accumulate: 1 },
  schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 10, floorFraction: 1 },
  evaluate: { everySteps: 10 },
  ...change,
})
const run = defineRun(options())
const named = ({ techniques }: TechniquesPlan, name: string) =>
  techniques.find((technique) => technique.name.includes(name))!

async function measuredPeak(tried: Run): Promise<number> {
  const { currentBytes } = memory()
  await scope(async () => {
    const session = new Session(tried)
    trainStep(session, await session.nextBatch(), 1e-3, 1)
    resetPeakMemory()
    trainStep(session, await session.nextBatch(), 1e-3, 1)
  })
  return memory().peakBytes - currentBytes
}

describe('ways to take less memory', () => {
  const plan = planTechniques(run, Number.POSITIVE_INFINITY)
  const itself = plan.techniques[0]!

  it('are all there, and take less', () => {
    expect(itself).toMatchObject({ name: 'as it is', flags: '', work: 1, fits: true })
    expect(plan.advice).toEqual([])
    for (const name of [
      'bf16',
      'products kept',
      'every layer',
      'every 2 layers',
      '8 bits',
      'half the windows',
      'LoRA',
      'QLoRA',
      'batch over 2',
      'ZeRO-1',
      'ZeRO-2',
      'ZeRO-3',
      'each layer over',
    ])
      expect(named(plan, name).peakBytes, name).toBeLessThan(itself.peakBytes)
    const zero = (stage: number): number => named(plan, `ZeRO-${stage}`).peakBytes
    expect(zero(1)).toBeGreaterThan(zero(2))
    expect(zero(2)).toBeGreaterThan(zero(3))
  })

  it('cost operations as they compute again', () => {
    const work = (name: string): number => named(plan, name).work!
    expect(work('products kept')).toBeGreaterThan(1)
    expect(work('every layer')).toBeGreaterThan(work('products kept'))
    expect(work('every 2 layers')).toBeGreaterThan(work('every layer'))
    expect(work('every 2 layers')).toBeLessThan(1.6)
  })

  it('leave out what the run does already', () => {
    const other = defineRun(
      options({
        precision: 'bf16',
        optimizer: { kind: 'lion' },
        checkpointing: { every: 1 },
        batch: { windows: 1, accumulate: 1 },
      }),
    )
    expect(planTechniques(other, 1e12).techniques.map(({ name }) => name)).toEqual([
      'as it is',
      'LoRA of rank 16',
      'QLoRA of rank 16',
      'each layer over 2 ranks',
    ])
    const whole = planTechniques(defineRun(options({ lossChunkTokens: 0 })), 1e12)
    expect(named(whole, 'loss in chunks').flags).toBe('--loss-chunk-tokens 1024')
  })

  it.each([
    ['bf16', { precision: 'bf16' }],
    ['every 2 layers', { checkpointing: { every: 2 } }],
    ['8 bits', { optimizer: { kind: 'adamw-8bit' } }],
    ['half the windows', { batch: { windows: 4, accumulate: 2 } }],
  ] as const)('hold what they were said to: %s', async (name, change) => {
    const measured = await measuredPeak(defineRun(options(change)))
    expect(Math.abs(named(plan, name).peakBytes / measured - 1)).toBeLessThan(0.1)
  })
})

describe('advice', () => {
  it('is the cheapest that fits', () => {
    const { peakBytes } = planTechniques(run, 1e12).techniques[0]!
    const plan = planTechniques(run, 0.9 * peakBytes)
    expect(plan.advice).toHaveLength(1)
    expect(plan.advice[0]!.fits).toBe(true)
    for (const other of plan.techniques.filter(({ fits, flags }) => fits && !/nproc|adapter/.test(flags)))
      expect(other.work!).toBeGreaterThanOrEqual(plan.advice[0]!.work!)
  })

  it('is followed by a run that holds no more than it says', async () => {
    const { techniques } = planTechniques(run, 1e12)
    const room = 0.45 * techniques[0]!.peakBytes
    const { advice, advisedBytes } = planTechniques(run, room)
    expect(advisedBytes).toBeLessThanOrEqual(room)
    const followed = defineRun(followedBy(advice.map(({ flags }) => flags)))
    const measured = await measuredPeak(followed)
    expect(measured).toBeLessThan(1.05 * advisedBytes)
  })

  it('fits wherever it says so, and where it fits already there is none', () => {
    const { peakBytes } = planTechniques(run, 1e12).techniques[0]!
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 1.2, noNaN: true }), (share) => {
        const room = share * peakBytes
        const { advice, advisedBytes, techniques } = planTechniques(run, room)
        expect(advice.length === 0).toBe(peakBytes <= room)
        if (advice.at(-1)?.fits) expect(advisedBytes).toBeLessThanOrEqual(room)
        for (const technique of techniques) expect(technique.fits).toBe(technique.peakBytes <= room)
      }),
      { numRuns: 8 },
    )
  })
})

/** Command-line flags as recipe settings. */
function followedBy(flags: readonly string[]): RunOptions {
  const said = new Map(
    flags
      .flatMap((each) => each.split(/ ?--/).filter((flag) => flag !== ''))
      .map((flag) => flag.split(' ') as [string, string]),
  )
  const target = said.get('checkpointing-memory-target')
  const every = said.get('checkpointing-every')
  const checkpointing = target ? { memoryTarget: target } : every ? { every: Number(every) } : undefined
  return options({
    ...(said.has('precision') && { precision: 'bf16' as const }),
    ...(said.has('optimizer-kind') && { optimizer: { kind: 'adamw-8bit' as const } }),
    ...(checkpointing && { checkpointing }),
    batch: {
      windows: Number(said.get('batch-windows') ?? 8),
      accumulate: Number(said.get('batch-accumulate') ?? 1),
    },
  })
}
