/**
 * Dual encoder models against PyTorch, through the files of both layouts: `reference/clip.py` computes in float64 what
 * `reference/clip.json` holds; where PyTorch is installed, the file itself is checked too.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeSafetensors } from '@hadal/formats'
import {
  clipParameterCount,
  clipTensors,
  contrastiveLoss,
  createClip,
  hostState,
  loadClip,
  planClip,
  saveClip,
  setTraining,
  sigmoidLoss,
  towerOf,
} from '@hadal/nn'
import { grad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { flatten } from './reference/flatten.ts'
import { hasTorch } from './reference/torch-installed.ts'

interface Case {
  readonly config: Record<string, unknown>
  readonly size: number
  readonly ids: number[][]
  readonly training: boolean
  /** Names in the file, in alphabetical order. */
  readonly tensors: Record<string, number[]>
  readonly images: number[]
  readonly texts: number[]
  readonly loss: number
  /** Norm of each by its name in the file. */
  readonly gradients: Record<string, number>
  readonly buffers: Record<string, number[]>
}

interface LossCase {
  readonly own: number[]
  readonly image: number
  readonly text: number
  readonly sigmoid: number
  readonly gradients: number[][]
  readonly sigmoidGradients: number[][]
}

const reference = (name: string): string => fileURLToPath(new URL(`./reference/${name}`, import.meta.url))
const expected = JSON.parse(readFileSync(reference('clip.json'), 'utf8')) as {
  readonly huggingFace: Record<string, Case>
  readonly openClip: Record<string, Case>
  readonly losses: LossCase[]
}
const root = mkdtempSync(join(tmpdir(), 'hadal-clip-'))
beforeAll(() => setNumThreads(1))
afterAll(() => rmSync(root, { recursive: true }))

const files = {
  huggingFace: { config: 'config.json', weights: 'model.safetensors' },
  openClip: { config: 'open_clip_config.json', weights: 'open_clip_model.safetensors' },
} as const
type Layout = keyof typeof files

/** `formula` in clip.py. */
function formula(shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1)
  return Float32Array.from({ length: count }, (_, i) => Math.sin(0.37 * i * i + 1.1 * i + seed))
}

/** `fill` in clip.py. */
function values(name: string, shape: readonly number[], seed: number): Float32Array {
  if (name === 'logit_scale') return Float32Array.of(2)
  const raw = formula(shape, seed)
  if (name.endsWith('running_var')) return raw.map((value) => 1 + 0.5 * value)
  const isNorm = /norm|ln_|bn|downsample\.1/.test(name) && name.endsWith('weight')
  return raw.map((value) => (isNorm ? 1 + 0.2 * value : 0.2 * value))
}

/** The folder that clip.py's model would be saved as. */
function writeFolder(
  layout: Layout,
  name: string,
  { config, tensors }: Case,
  type: 'F32' | 'BF16' = 'F32',
): string {
  const folder = mkdtempSync(join(root, `${name}-`))
  const json = layout === 'huggingFace' ? config : { model_cfg: config, preprocess_cfg: {} }
  writeFileSync(join(folder, files[layout].config), JSON.stringify(json))
  const sources = Object.entries(tensors).map(([each, shape], seed) =>
    each.endsWith('num_batches_tracked')
      ? { name: each, shape, type: 'I64' as const, data: BigInt64Array.of(0n) }
      : {
          name: each,
          shape,
          type: each.includes('running') ? ('F32' as const) : type,
          data: values(each, shape, seed),
        },
  )
  writeSafetensors(join(folder, files[layout].weights), sources, { format: 'pt' })
  return folder
}

const cases: [name: string, layout: Layout, Case][] = [
  ...Object.entries(expected.huggingFace).map(([name, each]): [string, Layout, Case] => [
    name,
    'huggingFace',
    each,
  ]),
  ...Object.entries(expected.openClip).map(([name, each]): [string, Layout, Case] => [
    name,
    'openClip',
    each,
  ]),
]

const inputs = ({ size, ids }: Case): { pixels: Tensor; ids: Tensor } => ({
  pixels: torch.tensor(formula([ids.length, 3, size, size], 0.5), { shape: [ids.length, 3, size, size] }),
  ids: torch.tensor(ids, { dtype: 'int64' }),
})

/**
 * A dozen products and convolutions of 16 to 200 terms, and all of that again in the backward pass, into which the loss hands errors of
 * the embeddings multiplied by its logit scale.
 */
const forward = { roundings: 1000 }
const backward = { roundings: 3000, condition: Math.exp(2) }

/** Squared norms by the names in the file: what it has in one adds up. */
function normsByStoredName(folder: string, gradients: ReadonlyMap<string, Tensor>): Map<string, number> {
  const squares = new Map<string, number>()
  for (const { name, place } of planClip(folder).tensors) {
    const gradient = gradients.get(name)
    if (!gradient) continue
    const square = gradient.double().square().sum().item() as number
    squares.set(place.name, (squares.get(place.name) ?? 0) + square)
  }
  return squares
}

describe.each(cases)('%s, from files of %s', (name, layout, wanted) => {
  it('gives the embeddings and gradients of PyTorch', () => {
    const folder = writeFolder(layout, name, wanted)
    scope(() => {
      const { model, plan } = loadClip(folder)
      expect(plan.layout).toBe(layout === 'openClip' ? 'open-clip' : 'hugging-face')
      setTraining(model, wanted.training)
      const { pixels, ids } = inputs(wanted)
      const images = model.embedImages(pixels)
      const texts = model.embedTexts(ids)
      expectClose(images, wanted.images, forward, 'images')
      expectClose(texts, wanted.texts, forward, 'texts')
      const { loss } = contrastiveLoss(images, texts, {
        scale: model.scale(),
        textWeight: 0.7,
        imageWeight: 0.3,
      })
      expectClose(loss, wanted.loss, forward, 'loss')
      const parameters = [...model.parameters()].filter(([each]) => each !== 'logit_bias')
      const gradients = grad(
        loss,
        parameters.map(([, each]) => each),
      )
      const found = normsByStoredName(folder, new Map(parameters.map(([each], i) => [each, gradients[i]!])))
      expect([...found.keys()].toSorted()).toEqual(Object.keys(wanted.gradients))
      const names = Object.keys(wanted.gradients)
      expectAllClose(
        names.map((each) => Math.sqrt(found.get(each)!)),
        names.map((each) => wanted.gradients[each]!),
        backward,
        names,
      )
      for (const [each, buffer] of Object.entries(wanted.buffers))
        expectClose(model.buffers().get(each.replace('visual', 'vision_model'))!, buffer, forward, each)
    })
  })

  it.each(['F32', 'BF16'] as const)('is written as it was read, to the byte (%s)', (type) => {
    const folder = writeFolder(layout, name, wanted, type)
    const again = mkdtempSync(join(root, 'again-'))
    scope(() => {
      const { model, plan } = loadClip(folder, { dtype: type === 'BF16' ? 'bfloat16' : 'float32' })
      saveClip(again, model.config, hostState(model), {
        layout: plan.layout,
        type,
        preprocessing: plan.preprocessing,
      })
      const { weights } = files[layout]
      expect(readFileSync(join(again, weights)).equals(readFileSync(join(folder, weights)))).toBe(true)
      expect(planClip(again).config).toEqual(plan.config)
      expect(planClip(again).preprocessing).toEqual(plan.preprocessing)
    })
  })

  it('is counted and named before it is built', () => {
    const plan = planClip(writeFolder(layout, name, wanted))
    scope(() => {
      const model = createClip(plan.config!)
      const reported = [...clipTensors(plan.config!)].map((each) => [each.name, String(each.shape)])
      expect(reported).toEqual([...model.state()].map(([each, tensor]) => [each, String(tensor.shape)]))
      const count = (tower?: string): number =>
        [...model.parameters()]
          .filter(([each]) => tower === undefined || towerOf(each) === tower)
          .reduce((sum, [, { numel }]) => sum + numel, 0)
      expect(clipParameterCount(plan.config!)).toEqual({
        total: count(),
        text: count('text'),
        image: count('image'),
      })
      expect(plan.parameterBytes).toBe(
        [...model.state().values()].reduce((sum, { nbytes }) => sum + nbytes, 0),
      )
    })
  })
})

it('finds a text tower that open_clip keeps by itself', () => {
  const vit = expected.openClip.vit!
  const plain = planClip(writeFolder('openClip', 'plain', vit))
  const isOfText = (name: string): boolean => !/^(visual\.|logit_)/.test(name)
  const tensors = Object.fromEntries(
    Object.entries(vit.tensors).map(([name, shape]) => [isOfText(name) ? `text.${name}` : name, shape]),
  )
  const apart = planClip(writeFolder('openClip', 'apart', { ...vit, tensors }))
  expect(apart.issues).toEqual([])
  expect(apart.unneeded).toEqual([])
  expect(apart.tensors.map(({ name }) => name)).toEqual(plain.tensors.map(({ name }) => name))
})

const torchInstalled = hasTorch()

it.skipIf(!torchInstalled)('clip.json is what PyTorch computes', () => {
  const { stdout } = spawnSync('/usr/bin/python3', [reference('clip.py')], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1' },
  })
  const fresh = flatten(JSON.parse(stdout))
  expect([...fresh.keys()]).toEqual([...flatten(expected).keys()])
  for (const [path, value] of flatten(expected))
    if (typeof value === 'number') expect(fresh.get(path), path).toBeCloseTo(value, 5)
    else expect(fresh.get(path), path).toEqual(value)
})

describe.each(expected.losses.map((each) => [String(each.own), each] as const))(
  'captions of images %s',
  (_, wanted) => {
    const unit = (shape: readonly number[], seed: number): Tensor => {
      const raw = torch.tensor(formula(shape, seed), { shape })
      return raw.div(torch.linalgVectorNorm(raw, { dim: [-1], keepdim: true })).requiresGrad_()
    }

    it('have the losses and gradients of PyTorch', () => {
      // Losses are differences of logits, which are as large as their scale.
      const closeness = { roundings: 20, scale: 12.5 }
      scope(() => {
        const [images, texts] = [unit([3, 4], 1), unit([5, 4], 2)]
        const options = { scale: torch.tensor(12.5), imageOfText: wanted.own }
        const { loss, text, image } = contrastiveLoss(images, texts, {
          ...options,
          textWeight: 0.7,
          imageWeight: 0.3,
        })
        expectClose([image.item(), text.item()] as number[], [wanted.image, wanted.text], closeness, 'losses')
        const sigmoid = sigmoidLoss(images, texts, { ...options, bias: torch.tensor(-3) })
        expectClose(sigmoid, wanted.sigmoid, closeness, 'sigmoid loss')
        for (const [value, gradients] of [
          [loss, wanted.gradients],
          [sigmoid, wanted.sigmoidGradients],
        ] as const)
          for (const [index, gradient] of grad(value, [images, texts]).entries())
            expectClose(gradient, gradients[index]!, closeness, `gradient ${index}`)
      })
    })
  },
)
