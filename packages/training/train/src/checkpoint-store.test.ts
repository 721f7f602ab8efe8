import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSafetensors } from '@hadal/formats'
import type { SavedTensor } from '@hadal/nn'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Checkpoint, readCheckpoint } from './checkpoint-file.ts'
import { CheckpointStore, newestWeights } from './checkpoint-store.ts'
import { untroubled } from './divergence-guard.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-checkpoints-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const fp32 = (shape: number[], ...values: number[]): SavedTensor => ({
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
})

const checkpoint = (step: number): Checkpoint => ({
  state: {
    step,
    position: { drawn: step * 4 },
    fingerprint: 'abc',
    heldOutFingerprint: 'def',
    schedule: { peak: 1, warmupSteps: 0, totalSteps: 9, floorFraction: 0 },
    heldOut: { best: 2.5, sinceBest: 1 },
    guard: untroubled,
  },
  weights: new Map([
    ['b', fp32([2, 2], 1, -0, Number.MIN_VALUE, 3e38)],
    ['a', fp32([], step)],
  ]),
  precision: new Map<string, SavedTensor>([
    ['scale', fp32([], 128)],
    ['growth_tracker', { dtype: 'int32', shape: [], bytes: Uint8Array.of(7, 0, 0, 0) }],
  ]),
  optimizer: new Map<string, SavedTensor>([
    ['mean.b', fp32([2, 2], 0.1, 0.2, 0.3, 0.4)],
    ['codes.b', { dtype: 'uint8', shape: [3], bytes: Uint8Array.of(0, 127, 255) }],
  ]),
  average: new Map(),
  rng: Uint8Array.of(1, 2, 255),
})

const never = (message: string): never => {
  throw new Error(message)
}

describe('CheckpointStore', () => {
  it('clears away what a run left that was killed between writing its newest and that', () => {
    const before = new CheckpointStore(folder, 3)
    for (const step of [5, 10, 100]) before.save(checkpoint(step))
    const store = new CheckpointStore(folder, 2)
    expect(readdirSync(store.folder)).toHaveLength(3)
    expect(store.load(never)!.state.step).toBe(100)
    expect(readdirSync(store.folder)).toEqual(['step-000000010.safetensors', 'step-000000100.safetensors'])
  })

  it('gives back what it was given, to the bit, and keeps the newest few', () => {
    const store = new CheckpointStore(folder, 2)
    expect(store.load(never)).toBeUndefined()
    expect(store.newest()).toBeUndefined()
    for (const step of [5, 10, 100]) store.save(checkpoint(step))
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual([
      'step-000000010.safetensors',
      'step-000000100.safetensors',
    ])
    expect(new CheckpointStore(folder, 2).load(never)).toEqual({
      ...checkpoint(100),
      weights: new Map([...checkpoint(100).weights].sort(([a], [b]) => (a < b ? -1 : 1))),
    })
  })

  it('holds the last good state alongside the latest one', () => {
    const both = { ...checkpoint(12), lastGood: checkpoint(10) }
    const store = new CheckpointStore(folder, 2)
    store.save(both)
    const { weights, ...rest } = store.load(never)!
    const { weights: _, ...wanted } = both
    expect(rest).toMatchObject({ ...wanted, lastGood: { ...checkpoint(10), weights: expect.any(Map) } })
    expect(rest.lastGood!.weights.get('a')).toEqual(fp32([], 10))
    expect(weights.get('a')).toEqual(fp32([], 12))
    expect(newestWeights(folder).get('a')?.values).toEqual(Float32Array.of(12))
  })

  it('gives up later steps when an earlier one is saved, and counts back from it', () => {
    const store = new CheckpointStore(folder, 2)
    for (const step of [5, 10]) store.save(checkpoint(step))
    store.save(checkpoint(7))
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual([
      'step-000000005.safetensors',
      'step-000000007.safetensors',
    ])
  })

  it('keeps the lowest held-out losses, and the same ones when a step is done again', () => {
    const store = new CheckpointStore(folder, 2)
    const names = (): string[] => readdirSync(join(folder, 'checkpoints', 'best'))
    expect(store.saveBest(checkpoint(1), 2.5, 2)).toMatch(
      /best.loss-0000002\.500000-step-000000001\.safetensors$/,
    )
    expect(store.saveBest(checkpoint(2), 12, 2)).toBeDefined()
    expect(store.saveBest(checkpoint(3), 3, 2)).toBeDefined()
    for (let times = 0; times < 2; times += 1) {
      expect(store.saveBest(checkpoint(4), 3.5, 2)).toBeUndefined()
      expect(store.saveBest(checkpoint(5), Number.NaN, 2)).toBeUndefined()
      expect(store.saveBest(checkpoint(6), 3, 2)).toBeUndefined()
      expect(names()).toEqual([
        'loss-0000002.500000-step-000000001.safetensors',
        'loss-0000003.000000-step-000000003.safetensors',
      ])
    }
  })

  it('clears away those of the best that are not the run’s, and leaves what it cannot read', () => {
    const store = new CheckpointStore(folder, 2)
    for (const step of [1, 2]) store.saveBest(checkpoint(step), step, 2)
    const best = join(folder, 'checkpoints', 'best')
    writeFileSync(join(best, 'loss-9-step-3.safetensors'), 'torn')
    store.clearBest(({ step }) => step === 1)
    expect(readdirSync(best)).toEqual([
      'loss-0000001.000000-step-000000001.safetensors',
      'loss-9-step-3.safetensors',
    ])
  })

  it('clears away what a killed run was writing', () => {
    const store = new CheckpointStore(folder, 2)
    writeFileSync(`${store.save(checkpoint(5))}.0a1b.partial`, 'half')
    new CheckpointStore(folder, 2)
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['step-000000005.safetensors'])
  })

  it('can be read by others while it is written: reading clears nothing away', () => {
    const path = new CheckpointStore(folder, 2).save(checkpoint(5))
    writeFileSync(`${path}.0a1b.partial`, 'half')
    expect(newestWeights(folder).get('a')?.values).toEqual(Float32Array.of(5))
    expect(readdirSync(join(folder, 'checkpoints'))).toHaveLength(2)
  })

  it('knows a checkpoint whose values are not those it was written with', () => {
    const path = new CheckpointStore(folder, 2).save(checkpoint(5))
    const other = new CheckpointStore(join(folder, 'other'), 2).save(checkpoint(6))
    copyFileSync(other, path)
    expect(readCheckpoint(path).state.step).toBe(6)
    writeSafetensors(path, [{ name: 'rng', shape: [1], type: 'U8', data: Uint8Array.of(1) }], {
      state: '{"step":7}',
      sha256: '00',
    })
    expect(() => readCheckpoint(path)).toThrow(expect.objectContaining({ code: 'train_checkpoint_damaged' }))
    writeSafetensors(path, [])
    expect(() => readCheckpoint(path)).toThrow(/not a checkpoint/)
  })
})
