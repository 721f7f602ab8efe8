/** Profiled runs: bit-identical results, and correct profiles. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Facts, readChromeTrace, type TraceSummary } from '@hadal/profiling'
import { isProfiling, setNumThreads } from '@hadal/tensor'
import { defineRun, newestWeights, type RunOptions, type TrainEvent, train } from '@hadal/train'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DividedRun } from './divided-runs.ts'
import { privateRun } from './private-run.ts'
import { root as dividedRoot, freshFolder, together } from './run-together.ts'
import { imageOptions, smallResNet } from './tiny-images.ts'
import { tinyOptions } from './tiny-run.ts'
import { towerOptions } from './tiny-towers.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-profile-'))
beforeAll(() => setNumThreads(1))
afterAll(() => {
  rmSync(root, { recursive: true })
  rmSync(dividedRoot, { recursive: true })
})

let folders = 0
const fresh = (): string => join(root, String(folders++))

interface Executed {
  readonly folder: string
  readonly events: readonly TrainEvent[]
  readonly losses: readonly number[]
}

async function carry(options: RunOptions, stopAt = 9): Promise<Executed> {
  const events: TrainEvent[] = []
  const run = defineRun(options)
  await train(run, {
    listeners: [
      (event, control) => {
        events.push(event)
        if (event.type === 'step' && event.step === stopAt) control.stop('enough')
      },
    ],
  })
  const losses = events.flatMap((event) =>
    event.type === 'step' ? [event.loss, event.gradientNorm] : event.type === 'evaluated' ? [event.loss] : [],
  )
  return { folder: run.folder, events, losses }
}

interface Read {
  readonly facts: Facts
  readonly summary: TraceSummary
}

const read = (folder: string, of = ''): Read =>
  JSON.parse(readFileSync(join(folder, 'profile', `profile${of}.json`), 'utf8')) as Read

/** The same run with a profile and without. */
async function both(options: (folder: string) => RunOptions): Promise<Executed> {
  const plain = await carry(options(fresh()))
  const profiled = await carry({ ...options(fresh()), profile: { steps: 2, afterSteps: 2 } })
  expect(profiled.losses).toEqual(plain.losses)
  const bytes = ({ folder }: Executed): unknown =>
    [...newestWeights(folder)].map(([name, weight]) => [name, weight.values])
  expect(bytes(profiled)).toEqual(bytes(plain))
  expect(isProfiling()).toBe(false)
  return profiled
}

const partNames = ({ summary }: Read): string[] => summary.modules.map(({ name }) => name)

describe('a profiled run', () => {
  it('learns the same to the bit, and leaves a trace, a summary and a page', async () => {
    const { folder, events } = await both((at) => ({ ...tinyOptions(at, 'bf16'), average: {} }))
    expect(readdirSync(join(folder, 'profile')).sort()).toEqual([
      'profile.html',
      'profile.json',
      'trace.json.gz',
    ])
    const { facts, summary } = read(folder)
    expect(facts.title).toBe('tiny, steps 3 to 4')
    // 2 passes of 2 windows of 7 tokens: the last one of a window has no next.
    expect(facts.perStep).toEqual({ count: 32, unit: 'tokens' })
    expect(facts.utilization).toBeGreaterThan(0)
    expect(summary.steps.map(({ name }) => name)).toEqual(['step 3', 'step 4'])
    expect(new Set(summary.phases.map(({ name }) => name))).toEqual(
      new Set(['data', 'forward', 'backward', 'optimizer', 'listeners', 'guard']),
    )
    for (const part of ['layers.*.attention', 'layers.*.mlp', 'loss', 'optimizer', 'clipping', 'weights'])
      expect(partNames({ facts, summary })).toContain(part)
    const attention = summary.modules.find(({ name }) => name === 'layers.*.attention')!
    expect(attention.forwardMicros).toBeGreaterThan(0)
    expect(attention.backwardMicros).toBeGreaterThan(0)
    const reported = events.find(({ type }) => type === 'profiled')
    expect(reported).toMatchObject({ first: 3, last: 4, page: join(folder, 'profile', 'profile.html') })
    const trace = readChromeTrace(readFileSync(join(folder, 'profile', 'trace.json.gz')))
    expect(trace.spans.filter(({ category }) => category === 'step')).toHaveLength(2)
    expect(new Set(trace.spans.map(({ lane }) => lane)).size).toBe(1)
  })

  it('knows who holds memory, which its events leave out meanwhile', async () => {
    const { folder, events } = await carry({ ...tinyOptions(fresh()), profile: { steps: 2, afterSteps: 2 } })
    const { memory } = read(folder).facts
    const { peakBytes, ...owners } = memory!
    expect(Object.values(owners).reduce((sum, bytes) => sum + bytes, 0)).toBe(peakBytes)
    const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []))
    expect(steps.map(({ memory: own }) => own !== undefined)).toEqual([
      true,
      true,
      false,
      false,
      ...Array.from({ length: 5 }, () => true),
    ])
    const [before, after] = [steps[1]!.memory!, steps[4]!.memory!]
    expect(after.peakBytes).toBe(before.peakBytes)
    expect(owners.gradients).toBe(before.gradients)
    expect(owners.optimizer).toBe(before.optimizer)
    expect(owners.weights).toBe(before.weights)
    expect(read(folder).summary.memory!.heldAtPeak.length).toBeGreaterThan(0)
  })

  it('shows what checkpointing computes again', async () => {
    const { folder } = await both((at) => ({ ...tinyOptions(at), checkpointing: { every: 1 } }))
    expect(read(folder).summary.recomputedMicros).toBeGreaterThan(0)
  })

  it('can be one of adapters, privately trained, of images and of two towers', async () => {
    const base = await carry(tinyOptions(fresh()))
    const startFrom = newestWeights(base.folder)
    const adapted = await both((at) => ({
      ...tinyOptions(at),
      startFrom,
      adapter: { rank: 2, dropout: 0.1 },
    }))
    expect(partNames(read(adapted.folder))).toContain('model.layers.*.self_attn.q_proj')

    const secret = await both((at) => privateRun(at))
    const { summary } = read(secret.folder)
    expect(summary.notes.join()).toContain('how many rows each step drew')
    expect(summary.phases.map(({ name }) => name)).toEqual(expect.arrayContaining(['gradients', 'optimizer']))

    const images = await both((at) => imageOptions(at, smallResNet) as RunOptions)
    expect(read(images.folder).facts.perStep).toEqual({ count: 8, unit: 'images' })
    expect(partNames(read(images.folder)).some((name) => name.startsWith('layer'))).toBe(true)

    const towers = await both((at) => towerOptions(at) as RunOptions)
    expect(read(towers.folder).facts.perStep).toEqual({ count: 6, unit: 'pairs' })
    expect(partNames(read(towers.folder)).some((name) => name.startsWith('vision_model'))).toBe(true)
  })

  it('leaves the steps that there were where it ends early, and says where there were none', async () => {
    const short = await carry({ ...tinyOptions(fresh()), profile: { steps: 50, afterSteps: 1 } }, 4)
    expect(read(short.folder).facts.title).toBe('tiny, steps 2 to 4')
    const none = await carry({ ...tinyOptions(fresh()), profile: { afterSteps: 5 } }, 3)
    expect(existsSync(join(none.folder, 'profile'))).toBe(false)
    expect(none.events).toContainEqual({
      type: 'warning',
      message: 'no step was left to profile after step 5',
    })
  })

  it('is over where a step fails, with nothing left on', async () => {
    const options = { ...tinyOptions(fresh()), profile: { afterSteps: 1 } }
    const failing = train(defineRun(options), {
      listeners: [
        (event) => {
          if (event.type === 'step' && event.step === 3) throw new Error('a listener')
        },
      ],
    })
    await expect(failing).rejects.toThrow('a listener')
    expect(isProfiling()).toBe(false)
  })

  it('records no allocations with memory: false', async () => {
    const { folder } = await carry({ ...tinyOptions(fresh()), profile: { steps: 1, memory: false } })
    expect(read(folder).summary.memory).toBeUndefined()
    expect(read(folder).facts.memory!.peakBytes).toBeGreaterThan(0)
  })

  it('has its issues reported, and takes the same course as an unprofiled run', () => {
    const issues = (profile: RunOptions['profile'], memory?: RunOptions['memory']): string => {
      try {
        defineRun({ ...tinyOptions('x'), ...(profile && { profile }), ...(memory && { memory }) })
        return ''
      } catch (thrown) {
        return (thrown as Error).message
      }
    }
    expect(issues({ steps: 0 })).toContain('profile.steps is 0; it must be a whole number from 1 to 100')
    expect(issues({ afterSteps: -1 })).toContain('profile.afterSteps is -1')
    expect(issues({ memory: 'no' as unknown as boolean })).toContain('profile.memory is no')
    expect(issues({ step: 3 } as RunOptions['profile'])).toContain('did you mean steps?')
    expect(issues(3 as RunOptions['profile'])).toContain('profile is 3; it must be an object')
    expect(issues({}, { limit: '1GiB' })).toContain('profile and memory.limit cannot be combined')
    const { fingerprint } = defineRun(tinyOptions('x'))
    expect(defineRun({ ...tinyOptions('x'), profile: {} }).fingerprint).toBe(fingerprint)
  })
})

it('on ranks leaves a profile of each, with what it waits for', async () => {
  const plain: DividedRun = { folder: freshFolder(), model: 'llama', parallel: { tensor: 2 }, stopAt: 6 }
  const profiled: DividedRun = {
    ...plain,
    folder: freshFolder(),
    change: { profile: { steps: 2, afterSteps: 2 } },
  }
  const [without, losses] = await together(2, [plain, profiled])
  expect(losses).toEqual(without)
  for (const [rank, of] of ['', '.rank1'].entries()) {
    const { facts, summary } = read(profiled.folder, of)
    expect(facts.title).toContain(`rank ${rank} of 2`)
    expect(summary.waiting.byName.ranks).toBeGreaterThan(0)
  }
})
