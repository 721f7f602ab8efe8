import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fashionImages } from '@hadal/images'
import { setNumThreads } from '@hadal/tensor'
import { openRecipe, type SaidSettings, type TrainEvent, train } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import recipe from './run.ts'
import { writeTinyPart } from './write-tiny-part.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-private-images-'))
afterAll(() => rmSync(root, { recursive: true }))

const folder = join(root, 'data')
mkdirSync(folder)
writeTinyPart(folder, 'train', 120)
writeTinyPart(folder, 't10k', 40)

async function eventsOf(args: string[], said: SaidSettings): Promise<TrainEvent[]> {
  const line = { said, args: ['--data', folder, ...args], issues: [] }
  const { run } = await openRecipe(recipe, 'run.ts', line)
  const events: TrainEvent[] = []
  await train(run, { listeners: [(event) => void events.push(event)] })
  return events
}

describe('the recipe of private images', () => {
  it('learns within its budget, of few rows loosely', async () => {
    const events = await eventsOf([], {
      folder: join(root, 'private'),
      'batch.windows': 40,
      'schedule.totalSteps': 30,
      'privacy.epsilon': 200,
      'privacy.delta': 1e-3,
      'privacy.accountant': 'rdp',
      'evaluate.everySteps': 30,
    })
    const evaluated = events.find(({ type }) => type === 'evaluated')
    expect(evaluated).toMatchObject({ measures: { accuracy: expect.any(Number) } })
    if (evaluated?.type !== 'evaluated') return
    expect(evaluated.measures!.accuracy).toBeGreaterThan(0.9)
    expect(evaluated.epsilon).toBeGreaterThan(150)
    expect(evaluated.epsilon).toBeLessThanOrEqual(200)
  })

  it('has a twin without privacy', async () => {
    const events = await eventsOf(['--plain'], {
      folder: join(root, 'plain'),
      'batch.windows': 40,
      'schedule.totalSteps': 20,
      'evaluate.everySteps': 20,
    })
    const evaluated = events.find(({ type }) => type === 'evaluated')
    expect(evaluated).toMatchObject({ type: 'evaluated', measures: { accuracy: 1 } })
    expect(evaluated).not.toHaveProperty('epsilon')
  })

  it('says how to get images that are not there', async () => {
    const line = { said: {}, args: ['--data', join(root, 'nowhere')], issues: [] }
    await expect(openRecipe(recipe, 'run.ts', line)).rejects.toThrow('apt-get install dataset-fashion-mnist')
  })

  it('refuses images that do not go with their labels', () => {
    const images = { shape: [2, 28, 28], bytes: new Uint8Array(1568) }
    expect(() => fashionImages(images, { shape: [3], bytes: new Uint8Array(3) })).toThrow(
      'do not match labels',
    )
  })
})
