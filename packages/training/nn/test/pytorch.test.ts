/**
 * Decoder, optimizer, clipping and schedule against PyTorch. `reference/expected.py` computes in float64 what
 * `reference/expected.json` holds; where PyTorch is installed, the file itself is checked too.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  AdamW,
  adamWDefaults,
  clipByGlobalNorm,
  cosineLearningRate,
  Decoder,
  type DecoderConfig,
  loadParameters,
  MasterWeights,
  summedTokenLoss,
} from '@hadal/nn'
import { scope, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { hasTorch } from './reference/torch-installed.ts'

interface DecoderCase {
  readonly config: DecoderConfig
  readonly ids: number[][]
  readonly targets: number[][]
  readonly segments: number[][] | null
  readonly loss: number
  readonly gradients: Readonly<Record<string, readonly number[]>>
}

interface Expected {
  readonly decoders: Readonly<Record<string, DecoderCase>>
  /** Two parameters after each step. */
  readonly adamw: readonly (readonly (readonly number[])[])[]
  readonly clip: readonly { max_norm: number; norm: number; gradients: readonly (readonly number[])[] }[]
  readonly schedule: {
    peak: number
    warmupSteps: number
    totalSteps: number
    floorFraction: number
    rates: readonly number[]
  }
}

const reference = (name: string): string => fileURLToPath(new URL(`./reference/${name}`, import.meta.url))
const expected = JSON.parse(readFileSync(reference('expected.json'), 'utf8')) as Expected

/** The weights of the reference: `formula` in expected.py. */
const formula = (shape: readonly number[], seed: number, shift = 0): Tensor => {
  const count = shape.reduce((product, size) => product * size, 1)
  const values = Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin(1.7 * i + seed) + shift)
  return torch.tensor(values, { shape: [...shape] })
}

/**
 * A dozen products with up to 16 terms in a row, three times: forward, and twice in the backward pass. With weights up to 0.5 attention
 * scores are several units large, and a softmax passes on their absolute errors.
 */
const closeness = { roundings: 600, condition: 4 }

describe.each(Object.entries(expected.decoders))('a decoder, %s', (_name, wanted) => {
  const build = (dtype: 'float32' | 'bfloat16'): { model: Decoder; weights: MasterWeights } => {
    const model = new Decoder(wanted.config, dtype)
    const weights = new MasterWeights(model)
    const filled = new Map<string, Tensor>()
    ;[...weights.masters].forEach(([name, { shape }], seed) => {
      filled.set(name, formula(shape, seed, shape.length === 1 ? 1 : 0))
    })
    loadParameters(weights.masters, filled)
    weights.publish()
    return { model, weights }
  }
  const lossOf = (model: Decoder): Tensor =>
    summedTokenLoss(
      model.forward(
        torch.tensor(wanted.ids, { dtype: 'int64' }),
        wanted.segments ? torch.tensor(wanted.segments) : undefined,
      ),
      torch.tensor(wanted.targets, { dtype: 'int64' }),
    )

  it('gives the same loss and the same gradient for every parameter', () => {
    scope(() => {
      const { model, weights } = build('float32')
      const loss = lossOf(model)
      expectClose(loss, wanted.loss, closeness)
      const names = Object.keys(wanted.gradients)
      expect([...weights.masters.keys()]).toEqual(names)
      expectAllClose(weights.gradients(loss), Object.values(wanted.gradients), closeness, names)
    })
  })

  it('stays close in bf16', () => {
    scope(() => {
      const { model, weights } = build('bfloat16')
      const loss = lossOf(model)
      expect(Math.abs((loss.item() as number) / wanted.loss - 1)).toBeLessThan(0.02)
      for (const gradient of weights.gradients(loss)) expect(gradient.dtype).toBe('float32')
    })
  })
})

describe('AdamW', () => {
  it("follows PyTorch's trajectory, with decay on matrices only", () => {
    scope(() => {
      const parameters = new Map([
        ['matrix', formula([3, 2], 1)],
        ['vector', formula([4], 2)],
      ])
      const optimizer = new AdamW(parameters, adamWDefaults)
      expected.adamw.forEach((wanted, step) => {
        const gradients = [...parameters.values()].map(({ shape }, index) =>
          formula(shape, 10 * step + index),
        )
        optimizer.update(gradients, 0.1 / (step + 1))
        ;[...parameters.values()].forEach((parameter, index) => {
          // Some ten operations a step.
          expectClose(parameter, wanted[index]!, { roundings: 10 * (step + 1) })
        })
      })
    })
  })
})

describe('clipByGlobalNorm', () => {
  it.each(expected.clip)('to $max_norm', ({ max_norm, norm, gradients: wanted }) => {
    scope(() => {
      const gradients = [formula([3, 2], 0), formula([4], 1)]
      expectClose(clipByGlobalNorm(gradients, max_norm).total, norm, { roundings: 10 })
      gradients.forEach((gradient, index) => {
        expectClose(gradient, wanted[index]!, { roundings: 10 })
      })
    })
  })
})

it('the cosine schedule is that of CosineAnnealingLR after a linear warm-up', () => {
  const { rates, ...schedule } = expected.schedule
  rates.forEach((rate, step) => {
    expect(cosineLearningRate(schedule, step)).toBeCloseTo(rate, 12)
  })
})

const torchInstalled = hasTorch()

it.skipIf(!torchInstalled)('expected.json is what PyTorch computes', () => {
  const { stdout } = spawnSync('/usr/bin/python3', [reference('expected.py')], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  const fresh = flatten(JSON.parse(stdout))
  expect([...fresh.keys()]).toEqual([...flatten(expected).keys()])
  for (const [path, value] of flatten(expected)) expect(fresh.get(path), path).toBeCloseTo(value, 6)
})

/** Every number in a JSON value by its path. */
function flatten(value: unknown, path = '', into = new Map<string, number>()): Map<string, number> {
  if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) flatten(item, `${path}/${key}`, into)
  else if (typeof value !== 'string') into.set(path, Number(value))
  return into
}
