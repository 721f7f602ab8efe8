import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { setNumThreads } from '@hadal/tensor'
import { openRecipe, type SaidSettings, type TrainEvent, train } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { imagesOf } from './fashion-mnist.ts'
import recipe from './run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-private-images-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Class k is a bright square whose place goes by k. */
function writePart(folder: string, part: string, count: number): void {
  const pixels = new Uint8Array(count * 784)
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 10)
  for (const [index, label] of labels.entries())
    for (let at = 0; at < 784; at += 1) {
      const [row, column] = [Math.floor(at / 28), at % 28]
      const inside = Math.floor(row / 6) === Math.floor(label / 4) && Math.floor(column / 7) === label % 4
      pixels[index * 784 + at] = (inside ? 180 : 20) + ((index * 31 + at * 17) % 40)
    }
  write(`${part}-images-idx3-ubyte.gz`, [count, 28, 28], pixels)
  write(`${part}-labels-idx1-ubyte.gz`, [count], labels)

  function write(name: string, shape: number[], bytes: Uint8Array): void {
    const header = new DataView(new ArrayBuffer(4 + 4 * shape.length))
    header.setUint16(2, (8 << 8) + shape.length)
    for (const [index, size] of shape.entries()) header.setUint32(4 + 4 * index, size)
    writeFileSync(
      join(folder, name),
      gzipSync(Buffer.concat([Buffer.from(header.buffer), Buffer.from(bytes)])),
    )
  }
}

const folder = join(root, 'data')
mkdirSync(folder)
writePart(folder, 'train', 120)
writePart(folder, 't10k', 40)

async function eventsOf(args: string[], said: SaidSettings): Promise<TrainEvent[]> {
  const line = { said, args: ['--data', folder, ...args], faults: [] }
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
  }, 120_000)

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
  }, 120_000)

  it('says how to get images that are not there', async () => {
    const line = { said: {}, args: ['--data', join(root, 'nowhere')], faults: [] }
    await expect(openRecipe(recipe, 'run.ts', line)).rejects.toThrow('apt-get install dataset-fashion-mnist')
  })

  it('refuses images that do not go with their labels', () => {
    const images = { shape: [2, 28, 28], bytes: new Uint8Array(1568) }
    expect(() => imagesOf(images, { shape: [3], bytes: new Uint8Array(3) })).toThrow('do not go with')
  })
})
