/** A run extended, or given other held-out data, takes the same course as if started that way. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packStream, type Schedule } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  bestWeights,
  type Checkpoint,
  defineRun,
  type newestWeights,
  type RunOptions,
  readCheckpoint,
  type TrainResult,
  train,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { tinyOptions } from './tiny-run.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-prolong-'))
afterAll(() => rmSync(root, { recursive: true }))
// Such small work is faster on one thread, especially while other tests run.
setNumThreads(1)
let folders = 0
const newFolder = (): string => join(root, String(folders++))

/** To the end, or until it has done `stopAfter` steps. */
function execute(folder: string, change: Partial<RunOptions>, stopAfter = Infinity): Promise<TrainResult> {
  const run = defineRun({ ...tinyOptions(folder), guard: { snapshotEverySteps: 5 }, ...change })
  return train(run, {
    listeners: [
      (event, control) => {
        if (event.type === 'step' && event.step === stopAfter) control.stop('asked to')
      },
    ],
  })
}

const checkpoints = (folder: string): string[] => readdirSync(join(folder, 'checkpoints')).sort()
const newest = (folder: string): Checkpoint =>
  readCheckpoint(
    join(
      folder,
      'checkpoints',
      checkpoints(folder)
        .filter((name) => name !== 'best')
        .at(-1)!,
    ),
  )

const wsd = (totalSteps: number, decaySteps: number): { schedule: Schedule } => ({
  schedule: { kind: 'wsd', peak: 0.02, warmupSteps: 3, totalSteps, decaySteps, floorFraction: 0.1 },
})
const inverseSqrt = (totalSteps: number): { schedule: Schedule } => ({
  schedule: { kind: 'inverse-sqrt', peak: 0.02, warmupSteps: 3, totalSteps },
})

describe('a run that is prolonged', () => {
  it.each([
    ['wsd, in its stable part', 8, wsd(16, 6), wsd(24, 4)],
    ['inverse-sqrt, at its end', Infinity, inverseSqrt(12), inverseSqrt(24)],
  ])('is the same as one that was so long from the start: %s', async (_, stopAfter, short, long) => {
    const [prolonged, whole] = [newFolder(), newFolder()]
    await execute(prolonged, short, stopAfter)
    expect(await execute(prolonged, long)).toMatchObject({ status: 'finished', step: 24 })
    await execute(whole, long)
    expect(newest(prolonged)).toEqual(newest(whole))
  })

  it('is refused where a step was done at another rate than the longer one has', async () => {
    const folder = newFolder()
    await execute(folder, wsd(16, 9), 8)
    await expect(execute(folder, wsd(24, 9))).resolves.toMatchObject({ step: 24 })
    await expect(execute(folder, wsd(32, 9))).rejects.toMatchObject({
      code: 'train_run_changed',
      message: expect.stringContaining(
        'its schedule changed before step 17, and the checkpoint is of step 24',
      ),
    })
    await expect(execute(folder, inverseSqrt(24))).rejects.toThrow(/its configuration or data changed/)
  })
})

describe('the best checkpoints', () => {
  const keepBest = { checkpoint: { everySteps: 100, keep: 1, best: 2 }, evaluate: { everySteps: 2 } }
  const bestOf = (folder: string): Checkpoint[] => {
    const best = join(folder, 'checkpoints', 'best')
    return readdirSync(best).map((name) => readCheckpoint(join(best, name)))
  }
  const crashAt = (step: number, folder: string, change: Partial<RunOptions>): Promise<unknown> =>
    expect(
      train(defineRun({ ...tinyOptions(folder), ...change }), {
        listeners: [
          (event) => {
            if (event.type === 'step' && event.step === step) throw new Error('crash')
          },
        ],
      }),
    ).rejects.toThrow('crash')

  it('of a run that was given up before its first checkpoint go when another begins in the folder', async () => {
    const folder = newFolder()
    await crashAt(7, folder, keepBest)
    expect(bestOf(folder)).toHaveLength(2)
    const { schedule } = tinyOptions(folder)
    const change = { ...keepBest, schedule: { ...schedule, peak: 1e-9 } }
    await execute(folder, change)
    const { fingerprint } = newest(folder).state
    expect(bestOf(folder).map(({ state }) => state.fingerprint)).toEqual([fingerprint, fingerprint])
    expect(bestWeights(folder)).not.toEqual(new Map())
  })

  it('stay when the same run goes on', async () => {
    const folder = newFolder()
    await crashAt(7, folder, keepBest)
    const before = readdirSync(join(folder, 'checkpoints', 'best'))
    await crashAt(1, folder, keepBest)
    expect(readdirSync(join(folder, 'checkpoints', 'best'))).toEqual(before)
  })

  it('and the record of held-out loss begin anew on other held-out data', async () => {
    const folder = newFolder()
    await execute(folder, keepBest, 8)
    const { data } = tinyOptions(folder)
    const valid = packStream([Array.from({ length: 50 }, (_, index) => (index * 17) % 31)], 8, 31)
    await execute(folder, { ...keepBest, data: { ...data, valid } })
    const { heldOut, heldOutFingerprint, step } = newest(folder).state
    expect(step).toBe(24)
    const best = bestOf(folder)
    expect(best.map(({ state }) => state.heldOutFingerprint)).toEqual([
      heldOutFingerprint,
      heldOutFingerprint,
    ])
    const losses = best.map(({ state }) => state.heldOut.best)
    expect(heldOut.best).toBe(Math.min(...losses.map(Number)))
  })

  it('are read by their loss: the lowest is the best', async () => {
    const folder = newFolder()
    await execute(folder, keepBest)
    const [first, second] = bestOf(folder)
    expect(second).toBeDefined()
    expect(bestWeights(folder)).toEqual(weightsOf(first!))
  })
})

const weightsOf = ({ weights }: Checkpoint): ReturnType<typeof newestWeights> =>
  new Map(
    [...weights].map(([name, { shape, bytes }]) => [
      name,
      { shape, values: new Float32Array(bytes.slice().buffer) },
    ]),
  )
