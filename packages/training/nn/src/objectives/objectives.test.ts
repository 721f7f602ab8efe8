/**
 * Objectives and heads against PyTorch: `reference/objectives.json` holds float64 results of `reference/objectives.py`; where
 * PyTorch is installed, the file itself is verified too.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { grad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../../tensor/test/expect-close.ts'
import { flatten } from '../../test/reference/flatten.ts'
import { hasTorch } from '../../test/reference/torch-installed.ts'
import { loadParameters } from '../module.ts'
import {
  ClassificationHead,
  classLoss,
  multiLabelLoss,
  type PreferenceOptions,
  preferenceLoss,
  RewardHead,
  rewardLoss,
  type SummedLoss,
  sequenceLogProbs,
  tokenLoss,
} from './index.ts'

/** The weighted mean, and its gradient for each input. */
interface Case {
  readonly value: number
  readonly gradients: readonly (readonly number[])[]
}

interface Expected {
  readonly shape: readonly [b: number, t: number, v: number, d: number]
  readonly inputs: Readonly<Record<'targets' | 'boolean' | 'weights' | 'padding' | 'labels', number[][]>> & {
    readonly classes: number[]
  }
  readonly tokens: readonly (Case & {
    mask: 'none' | 'boolean' | 'weights'
    labelSmoothing: number
    zLoss: number
  })[]
  readonly preferences: readonly (Case & { options: PreferenceOptions })[]
  readonly classes: readonly (Case & { weighted: boolean; labelSmoothing: number })[]
  readonly labels: readonly (Case & { weighted: boolean; positive: boolean })[]
  readonly classificationHead: Case
  readonly rewardHeads: readonly (Case & { margin: boolean })[]
}

const reference = (name: string): string => fileURLToPath(new URL(`./reference/${name}`, import.meta.url))
const expected = JSON.parse(readFileSync(reference('objectives.json'), 'utf8')) as Expected
const { shape, inputs } = expected
const [b, t, v, d] = shape

/** Tensors are small here: more threads would only add synchronisation. */
beforeAll(() => setNumThreads(1))

/** `formula` in objectives.py. */
function formula(shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1)
  const values = Float32Array.from({ length: count }, (_, i) => 2 * Math.sin(0.37 * i * i + 1.1 * i + seed))
  return torch.tensor(values, { shape: [...shape] }).requiresGrad_()
}

const weightsOf = (seed: number): Tensor => formula([v], seed).detach().abs()
const integers = (values: number[] | number[][]): Tensor => torch.tensor(values, { dtype: 'int64' })

function compare({ sum, count }: SummedLoss, sources: readonly Tensor[], wanted: Case): void {
  const mean = sum.div(count)
  expect(sum.dtype).toBe('float32')
  // A log probability is a difference of numbers of the size of the logits.
  expectClose(mean, wanted.value, { roundings: 100, scale: 1 })
  expectAllClose(grad(mean, sources), wanted.gradients, { roundings: 100 })
}

it.each(expected.tokens)('tokenLoss, mask $mask, smoothing $labelSmoothing, z $zLoss', (wanted) => {
  const { mask, labelSmoothing, zLoss } = wanted
  scope(() => {
    const logits = formula([b, t, v], 0)
    const masks = {
      none: undefined,
      boolean: integers(inputs.boolean).bool(),
      weights: torch.tensor(inputs.weights),
    }
    const loss = tokenLoss(logits, integers(inputs.targets), { mask: masks[mask], labelSmoothing, zLoss })
    compare(loss, [logits], wanted)
  })
})

it.each(expected.preferences)('preferenceLoss, $options', (wanted) => {
  scope(() => {
    const logits = [0, 1, 2, 3].map((seed) => formula([b, t, v], seed))
    const [chosen, rejected, referenceChosen, referenceRejected] = logits.map((each) => {
      const { logProbs_b, counts_b } = sequenceLogProbs(each, integers(inputs.targets))
      return wanted.options.variant === 'ipo' ? logProbs_b.div(counts_b) : logProbs_b
    }) as [Tensor, Tensor, Tensor, Tensor]
    const loss = preferenceLoss(
      { chosen, rejected },
      { chosen: referenceChosen.detach(), rejected: referenceRejected.detach() },
      wanted.options,
    )
    compare(loss, logits.slice(0, 2), wanted)
    const { beta = 0.1 } = wanted.options
    expect(loss.rewards.chosen.requiresGrad).toBe(false)
    expect(loss.rewards.chosen.toTypedArray()).toEqual(chosen.sub(referenceChosen).mul(beta).toTypedArray())
  })
})

it.each(expected.classes)('classLoss, weights $weighted, smoothing $labelSmoothing', (wanted) => {
  scope(() => {
    const logits = formula([b, v], 4)
    const loss = classLoss(logits, integers(inputs.classes), {
      classWeights: wanted.weighted ? weightsOf(5) : undefined,
      labelSmoothing: wanted.labelSmoothing,
    })
    compare(loss, [logits], wanted)
  })
})

it.each(expected.labels)('multiLabelLoss, weights $weighted, positive weights $positive', (wanted) => {
  scope(() => {
    const logits = formula([b, v], 4)
    const loss = multiLabelLoss(logits, integers(inputs.labels), {
      classWeights: wanted.weighted ? weightsOf(5) : undefined,
      positiveWeights: wanted.positive ? weightsOf(6) : undefined,
    })
    compare(loss, [logits], wanted)
  })
})

describe('heads read the last token that is no padding, on either side', () => {
  const padding = (): Tensor => integers(inputs.padding).bool()

  it('ClassificationHead', () => {
    scope(() => {
      const head = new ClassificationHead(d, v, 'float32')
      loadParameters(head.parameters(), new Map([['score.weight', formula([v, d], 8).detach()]]))
      const hidden = formula([b, t, d], 7)
      const loss = classLoss(head.forward(hidden, padding()), integers(inputs.classes))
      compare(loss, [hidden, head.score.weight], expected.classificationHead)
    })
  })

  it.each(expected.rewardHeads)('RewardHead, margin $margin', (wanted) => {
    scope(() => {
      const head = new RewardHead(d, 'float32')
      loadParameters(head.parameters(), new Map([['score.weight', formula([1, d], 8).detach()]]))
      const [chosen, rejected] = [formula([b, t, d], 7), formula([b, t, d], 9)]
      const loss = rewardLoss(
        { chosen: head.forward(chosen, padding()), rejected: head.forward(rejected, padding()) },
        wanted.margin ? formula([b], 10).detach().abs() : undefined,
      )
      compare(loss, [chosen, rejected, head.score.weight], wanted)
    })
  })
})

const torchInstalled = hasTorch()

it.skipIf(!torchInstalled)('objectives.json is what PyTorch computes', () => {
  const { stdout } = spawnSync('/usr/bin/python3', [reference('objectives.py')], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  const fresh = flatten(JSON.parse(stdout))
  expect([...fresh.keys()]).toEqual([...flatten(expected).keys()])
  for (const [path, value] of flatten(expected)) expect(fresh.get(path), path).toEqual(value)
})
