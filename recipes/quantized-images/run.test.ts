import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import { openRecipe, readImageModel, type SaidSettings, type TrainEvent, train } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { writeTinyPart } from '../private-images/write-tiny-part.ts'
import { classNames, model } from './options.ts'
import recipe from './run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-quantized-images-'))
afterAll(() => rmSync(root, { recursive: true }))
const data = join(root, 'data')
mkdirSync(data)
writeTinyPart(data, 'train', 16)

async function eventsOf(args: string[], said: SaidSettings): Promise<TrainEvent[]> {
  const few = { 'batch.windows': 2, 'schedule.totalSteps': 3, 'evaluate.everySteps': 3 }
  const line = { said: { ...few, ...said }, args: ['--data', data, ...args], issues: [] }
  const { run, listeners } = await openRecipe(recipe, 'run.ts', line)
  const events: TrainEvent[] = []
  await train(run, { listeners: [...listeners, (event) => void events.push(event)] })
  return events
}

describe('the recipe of quantised images', () => {
  it('trains in fp32, goes on to eight bits from there, and leaves both models to export', async () => {
    const folders = { fp32: join(root, 'fp32'), int8: join(root, 'int8') }
    await eventsOf([], { folder: folders.fp32, 'schedule.warmupSteps': 1, 'schedule.decaySteps': 1 })
    const plain = readImageModel(join(folders.fp32, 'model'))
    expect(plain.config).toEqual(model)
    expect(plain.classNames).toEqual(classNames)
    expect(plain.quantization).toBeUndefined()
    const events = await eventsOf(['--int8', '--from', folders.fp32], {
      folder: folders.int8,
      'quantization.fp32Steps': 1,
      'quantization.halfSteps': 1,
    })
    const phases = events.flatMap((event) => (event.type === 'phase' ? [event.message] : []))
    expect(phases.join(' ')).toMatch(/fp32.*bf16.*int8/s)
    const trained = readImageModel(join(folders.int8, 'model'))
    expect(trained.quantization?.state.size).toBeGreaterThan(20)
    expect([...trained.weights.keys()].sort()).toEqual([...plain.weights.keys()].sort())
  })

  it('says how to get images that are not there', async () => {
    const line = { said: {}, args: ['--data', join(root, 'nowhere')], issues: [] }
    await expect(openRecipe(recipe, 'run.ts', line)).rejects.toThrow('apt-get install dataset-fashion-mnist')
  })
})
