/** Fine-tuned dual encoders from a run to files, and from files to a run. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClipConfig, loadClip } from '@hadal/nn'
import { noGrad, scope, setNumThreads, torch } from '@hadal/tensor'
import {
  exportTowers,
  mergedWeights,
  newestWeights,
  readTowers,
  type TowersExport,
  train,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { larger } from './larger-colours.ts'
import { colours, tinyClip, towerRun } from './tiny-towers.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-towers-export-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = (): string => join(root, `folder-${folders++}`)

const schedule = { peak: 0.01, warmupSteps: 0, totalSteps: 3, floorFraction: 1 }
const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], fit: 'stretch' } as const
const resNet: ClipConfig = {
  ...tinyClip,
  vision_config: { layers: [1, 1, 1, 1], width: 4, num_attention_heads: 4, image_size: 32 },
}
const onLarger = { data: { train: larger(colours(12)), valid: larger(colours(12)) } }

/** Embeddings of one image and one caption by a folder's encoders. */
const embeddings = (from: string): number[] =>
  scope(() =>
    noGrad(() => {
      const { model } = loadClip(from)
      const { image_size: size } = model.config.vision_config
      const pixels = torch
        .arange(3 * size * size, { dtype: 'float32' })
        .div(100)
        .sin()
        .view([1, 3, size, size])
      const ids = torch.tensor([[0, 5, 1]], { dtype: 'int64' })
      return [model.embedImages(pixels), model.embedTexts(ids)].flatMap((x) => [
        ...(x.toTypedArray() as Float32Array),
      ])
    }),
  )

describe('a tuned model with two towers', () => {
  it.each<[string, ClipConfig, TowersExport, object]>([
    ['hugging-face', tinyClip, {}, {}],
    ['open-clip', tinyClip, { layout: 'open-clip' }, {}],
    ['open-clip', resNet, {}, { ...onLarger, average: { decay: 0.5 } }],
  ])('is written for %s, read back and trained on', async (layout, model, options, change) => {
    const run = towerRun(folder(), { model, schedule, ...change })
    await train(run)
    const weights = newestWeights(run.folder)
    const tokenizerFolder = folder()
    exportTowers(tokenizerFolder, { config: model, weights }, options)
    writeFileSync(join(tokenizerFolder, 'tokenizer.json'), '{}')
    const out = folder()
    const file = { config: model, weights, preprocessing, tokenizerFolder }
    expect(exportTowers(out, file, options)).toBe(layout)
    expect(readdirSync(out)).toContain('tokenizer.json')
    const read = readTowers(out)
    expect(read.preprocessing).toEqual(preprocessing)
    expect([...read.startFrom.keys()].sort()).toEqual([...weights.keys()].sort())
    for (const [name, { values }] of read.startFrom) expect(values, name).toEqual(weights.get(name)!.values)
    const more = towerRun(folder(), { model: read.model, startFrom: read.startFrom, schedule, ...change })
    await train(more)
    expect(newestWeights(more.folder)).not.toEqual(weights)
  })

  it('is written with its trained adapters merged', async () => {
    const base = towerRun(folder(), { schedule })
    await train(base)
    const startFrom = newestWeights(base.folder)
    const adapter = { rank: 2 }
    const run = towerRun(folder(), { schedule, startFrom, adapter })
    await train(run)
    const merged = mergedWeights(startFrom, {
      weights: newestWeights(run.folder),
      adapter: run.adapter!,
      baseModel: 'base',
    })
    const [plain, tuned] = [folder(), folder()]
    exportTowers(plain, { config: tinyClip, weights: startFrom })
    exportTowers(tuned, { config: tinyClip, weights: merged })
    const [before, after] = [embeddings(plain), embeddings(tuned)]
    expect(Math.max(...before.map((value, i) => Math.abs(value - after[i]!)))).toBeGreaterThan(1e-3)
  })

  it('is refused with weights of another', async () => {
    const run = towerRun(folder(), { schedule })
    await train(run)
    const weights = newestWeights(run.folder)
    const other = { ...tinyClip, projection_dim: 4 }
    expect(() => exportTowers(folder(), { config: other, weights })).toThrow(
      expect.objectContaining({
        code: 'train_export_mismatch',
        message: expect.stringContaining('text_projection.weight is [8, 16], not [4, 16]'),
      }),
    )
    const fewer = new Map([...weights].slice(1))
    expect(() => exportTowers(folder(), { config: tinyClip, weights: fewer })).toThrow('is missing')
    expect(() => readTowers(folder())).toThrow(expect.objectContaining({ code: 'nn_checkpoint_invalid' }))
  })
})
