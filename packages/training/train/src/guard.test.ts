/** Bad batches and damaged weights injected into real runs: how the guard reacts, and that a resumed run reacts the same. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noGrad, setNumThreads } from '@hadal/tensor'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { tinyOptions } from '../test/tiny-run.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint-file.ts'
import type { GuardOptions } from './divergence-guard.ts'
import type { TrainEvent } from './events.ts'
import { metricsLog, readMetrics } from './metrics-log.ts'
import { defineRun } from './run.ts'
import { Session } from './session.ts'
import { train } from './train.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-guard-'))
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => {
  vi.restoreAllMocks()
})
// Such small work is faster on one thread, especially while other tests run.
setNumThreads(1)
let folders = 0
const newFolder = (): string => join(root, String(folders++))

/** Multiplies the loss of the first pass of each step by `factorAt` of how many windows were drawn before it; a step draws four. */
function plant(factorAt: (drawn: number) => number): void {
  const next = Session.prototype.nextBatch
  vi.spyOn(Session.prototype, 'nextBatch').mockImplementation(async function (this: Session) {
    const { drawn } = this.task.training.position as { drawn: number }
    const [first, ...others] = await next.call(this)
    const factor = factorAt(drawn)
    return [{ ...first!, loss: (model) => first!.loss(model).mul(factor) }, ...others]
  })
}

/** A loss large enough for excessive gradients that stay finite. */
const huge = 1e5
const notANumber = (drawn: number): number => (drawn === 48 ? Number.NaN : 1)
const isSpike = (drawn: number): boolean => drawn >= 44 && drawn < 56

/** Executes the run, or stops after `stopAfter` step events; 24 steps, checkpoint every five. */
async function execute(folder: string, guard: Partial<GuardOptions> | false = {}, stopAfter = Infinity) {
  const events: TrainEvent[] = []
  let steps = 0
  const run = defineRun({ ...tinyOptions(folder), guard: guard && { snapshotEverySteps: 5, ...guard } })
  const result = await train(run, {
    listeners: [
      metricsLog(join(folder, 'metrics.jsonl')),
      (event, control) => {
        events.push(event)
        if (event.type === 'step') steps += 1
        if (steps === stopAfter) control.stop('asked to')
      },
    ],
  })
  const decisions = events.flatMap((event) => (event.type === 'decision' ? [event] : []))
  const stepped = events.flatMap((event) => (event.type === 'step' ? [event] : []))
  return { events, decisions, stepped, result }
}

const checkpoints = (folder: string): string[] => readdirSync(join(folder, 'checkpoints')).sort()
const newest = (folder: string): Checkpoint =>
  readCheckpoint(join(folder, 'checkpoints', checkpoints(folder).at(-1)!))
const metrics = (folder: string) =>
  readMetrics(join(folder, 'metrics.jsonl')).map(
    ({ seconds: _, memoryBytes: __, memory: ___, ...line }) => line,
  )

describe('a batch whose loss is not a number', () => {
  it('is named and skipped, and the run goes on at half the rate', async () => {
    plant(notANumber)
    const folder = newFolder()
    const { decisions, stepped, result } = await execute(folder)
    expect(result).toMatchObject({ status: 'finished', step: 24 })
    expect(decisions).toEqual([
      {
        type: 'decision',
        number: 1,
        step: 12,
        failedStep: 13,
        layer: 'embed_tokens',
        batch: expect.stringMatching(/^windows \d+, \d+$/),
        rateFactor: 0.5,
        message: expect.stringContaining('loss NaN and gradient norm NaN, in embed_tokens, on windows'),
      },
    ])
    expect(stepped.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1))
    const undisturbed = newFolder()
    vi.restoreAllMocks()
    const { stepped: calm } = await execute(undisturbed)
    expect(stepped[12]!.learningRate).toBe(calm[12]!.learningRate / 2)
    expect(stepped[13]!.learningRate).toBe(calm[13]!.learningRate * 0.505)
    expect(newest(folder).state.position).toEqual({ drawn: 100 })
    expect(metrics(folder).find(({ decision }) => decision !== undefined)).toEqual({
      step: 12,
      failedStep: 13,
      layer: 'embed_tokens',
      batch: decisions[0]!.batch,
      rateFactor: 0.5,
      intervention: 1,
      decision: decisions[0]!.message,
    })
  })

  it('is replayed from the last good state, and skipped when it is bad again', async () => {
    plant(notANumber)
    const { decisions, stepped, result } = await execute(newFolder(), { batch: 'replay' })
    expect(result).toMatchObject({ status: 'finished', step: 24 })
    expect(decisions.map(({ step, failedStep }) => [step, failedStep])).toEqual([
      [10, 13],
      [12, 13],
    ])
    expect(decisions[0]!.message).toContain('batches replayed')
    expect(decisions[1]!.message).toContain('batch skipped')
    expect(decisions[1]!.batch).toBe(decisions[0]!.batch)
    expect(stepped[10]).toMatchObject({ step: 11 })
    expect(stepped[12]).toMatchObject({ step: 11, loss: stepped[10]!.loss })
    expect(stepped[12]!.learningRate).toBe(stepped[10]!.learningRate / 2)
  })
})

describe('a gradient norm that stays too high', () => {
  it('goes back to the last good state and does not see those batches again', async () => {
    plant((drawn) => (isSpike(drawn) ? huge : 1))
    const folder = newFolder()
    const { events, decisions, stepped, result } = await execute(folder)
    expect(result).toMatchObject({ status: 'finished', step: 24 })
    expect(decisions).toMatchObject([{ step: 10, failedStep: 14, rateFactor: 0.5 }])
    expect(decisions[0]!.batch.split(' | ')).toHaveLength(3)
    expect(decisions[0]!.message).toMatch(
      /gradient norm \S+, above 100 for 3 steps, in (embed_tokens|layers\.[01]|norm)/,
    )
    const largest = [...stepped[13]!.layerNorms].sort(([, a], [, b]) => b - a)[0]![0]
    expect(decisions[0]!.layer).toBe(largest)
    expect(stepped.slice(9, 16).map(({ step }) => step)).toEqual([10, 11, 12, 13, 11, 12, 13])
    expect(newest(folder).state.position).toEqual({ drawn: 4 * (14 + 14) })
    const written = events.flatMap((event) => (event.type === 'checkpoint' ? [event.step] : []))
    expect(written).toEqual([5, 10, 10, 15, 20, 24])
  })

  it('whose cause is gone is the same course again when it is replayed, at a lower rate', async () => {
    let spikes = 3
    plant((drawn) => (isSpike(drawn) && spikes-- > 0 ? huge : 1))
    const { decisions, stepped } = await execute(newFolder(), { batch: 'replay' })
    expect(decisions).toMatchObject([{ step: 10, failedStep: 14 }])
    const [before, after] = [11, 11].map(
      (step, index) => stepped.filter((each) => each.step === step)[index]!,
    )
    expect(after!.learningRate).toBe(before!.learningRate / 2)
    expect(after!.epoch).toBe(before!.epoch)
  })
})

it('non-finite weights after a step with a finite loss are put back', async () => {
  const update = Session.prototype.update
  let updates = 0
  vi.spyOn(Session.prototype, 'update').mockImplementation(function (this: Session, gradients, rate) {
    updates += 1
    const imbalance = update.call(this, gradients, rate)
    if (updates === 13) {
      const [, weight] = [...this.weights.masters].find(([name]) => name.includes('layers.1.'))!
      noGrad(() => void weight.mul_(Number.NaN))
    }
    return imbalance
  })
  const folder = newFolder()
  const { decisions, result } = await execute(folder)
  expect(decisions).toMatchObject([{ step: 10, failedStep: 13, layer: 'layers.1' }])
  expect(decisions[0]!.message).toContain('non-finite weights')
  expect(result.status).toBe('finished')
  expect(result.validLoss).toBeLessThan(3)
})

describe('a run that diverges for good', () => {
  it('ends after as many interventions as it may make, with the last good state kept', async () => {
    plant((drawn) => (drawn >= 48 ? Number.NaN : 1))
    const folder = newFolder()
    const running = execute(folder, { maxInterventions: 3 })
    await expect(running).rejects.toMatchObject({
      code: 'train_diverged',
      message: expect.stringMatching(
        /^step 11 produced loss NaN and gradient norm NaN, in embed_tokens, on windows .*; previous attempts:(\n {2}- step 1[13] gave .*){3}$/,
      ),
      help: expect.stringContaining('step-000000010.safetensors'),
    })
    const { state, weights } = newest(folder)
    expect(state).toMatchObject({ step: 10, position: { drawn: 64 } })
    expect(state.guard.interventions).toHaveLength(3)
    const values = [...weights.values()].flatMap(({ bytes }) => [...new Float32Array(bytes.slice().buffer)])
    expect(values.every(Number.isFinite)).toBe(true)
    await expectSameEnd(folder, { maxInterventions: 3 })
  })

  it('ends at once without a guard, with the weights from before the step', async () => {
    plant(notANumber)
    const folder = newFolder()
    await expect(execute(folder, false)).rejects.toMatchObject({
      code: 'train_diverged',
      message: expect.stringContaining('no recovery was attempted'),
    })
    expect(checkpoints(folder)).toEqual(['step-000000010.safetensors', 'step-000000012.safetensors'])
    expect(newest(folder).lastGood).toBeUndefined()
    await expectSameEnd(folder, false)
  })

  it('gets over two bad batches between two states to go back to when it replays', async () => {
    plant((drawn) => (drawn === 48 || drawn === 52 ? Number.NaN : 1))
    const { decisions, result } = await execute(newFolder(), { batch: 'replay' })
    expect(result.status).toBe('finished')
    expect(decisions.length).toBeLessThanOrEqual(5)
  })

  /** A restarted run does not silently skip the bad batch: no step is executed, and the message is the same. */
  async function expectSameEnd(folder: string, guard: Partial<GuardOptions> | false): Promise<void> {
    const said = await execute(newFolder(), guard).catch((error: Error) => error.message)
    const before = newest(folder)
    await expect(execute(folder, guard)).rejects.toMatchObject({ code: 'train_diverged', message: said })
    expect(newest(folder)).toEqual(before)
  }
})

it.each(['skip', 'replay'] as const)(
  'a run with interventions that %ss batches takes the same course to the bit, wherever it is interrupted',
  async (batch) => {
    plant((drawn) => (isSpike(drawn) ? huge : drawn === 16 ? Number.NaN : 1))
    const whole = newFolder()
    const { decisions } = await execute(whole, { batch })
    expect(decisions).toHaveLength(batch === 'skip' ? 2 : 4)
    // Right after the first, amid too high norms, after the second.
    for (const stopAfter of [4, 12, 14]) {
      const folder = newFolder()
      const { result } = await execute(folder, { batch }, stopAfter)
      expect(result.status).toBe('stopped')
      await execute(folder, { batch })
      expect(newest(folder), `stopped after ${stopAfter} steps`).toEqual(newest(whole))
      expect(metrics(folder)).toEqual(metrics(whole))
    }
  },
)
