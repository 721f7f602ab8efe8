/** Properties of the objectives for any input: additivity, no gradient to reference models, reported issues. */

import { grad, isGradEnabled, manualSeed, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import { ignoreIndex, summedTokenLoss } from '../loss.ts'
import {
  ClassificationHead,
  classLoss,
  lastHidden,
  multiLabelLoss,
  nextTokenTargets,
  pairLogProbs,
  preferenceLoss,
  RewardHead,
  referenceLogProbs,
  rewardLoss,
  sequenceLogProbs,
  tokenLoss,
} from './index.ts'

beforeAll(() => setNumThreads(1))

const integers = (values: number[] | number[][]): Tensor => torch.tensor(values, { dtype: 'int64' })
const farthest = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item() as number

/** A model whose logits are its hidden states times one matrix: the minimum to have gradients. */
const model = (weight: Tensor) => ({
  config: { max_position_embeddings: 99, vocab_size: 6 },
  forward: (ids_bt: Tensor): Tensor => torch.embedding(weight, ids_bt),
})

const sequence = fc.array(
  fc.record({
    token: fc.nat(5),
    target: fc.oneof({ arbitrary: fc.nat(5), weight: 4 }, { arbitrary: fc.constant(ignoreIndex), weight: 1 }),
    weight: fc.constantFrom(0, 0.25, 1, 2),
  }),
  { minLength: 1, maxLength: 9 },
)

it('sequences of any lengths, one at a time or padded into one batch, have the same loss and gradient', () => {
  const property = fc.property(
    fc.array(sequence, { minLength: 1, maxLength: 5 }),
    fc.constantFrom({}, { labelSmoothing: 0.1 }, { labelSmoothing: 0.2, zLoss: 0.01 }),
    fc.nat(1000),
    (sequences, options, seed) => {
      scope(() => {
        manualSeed(seed)
        const weight = torch.randn([6, 6]).requiresGrad_()
        const length = Math.max(...sequences.map((each) => each.length))
        const lossOf = (rows: typeof sequences, time: number) => {
          const column = (pick: (place: (typeof rows)[0][0]) => number, padding: number): number[][] =>
            rows.map((row) => Array.from({ length: time }, (_, i) => (row[i] ? pick(row[i]) : padding)))
          const logits = model(weight).forward(integers(column((place) => place.token, 0)))
          const mask = torch.tensor(column((place) => place.weight, 1))
          return tokenLoss(logits, integers(column((place) => place.target, ignoreIndex)), {
            mask,
            ...options,
          })
        }
        const whole = lossOf(sequences, length)
        const parts = sequences.map((each) => lossOf([each], each.length))
        const count = parts.reduce((sum, part) => sum + part.count, 0)
        expect(count).toBe(whole.count)
        const divisor = Math.max(count, 1)
        const sum = parts.reduce((sum, part) => sum + (part.sum.item() as number), 0)
        expectClose(sum, whole.sum, { roundings: 100 })
        const accumulated = parts
          .map((part) => grad(part.sum, [weight])[0]!)
          .reduce((total, gradient) => total.add(gradient))
        // Gradients of single targets have norms up to 2, and may cancel.
        expectClose(accumulated, grad(whole.sum, [weight])[0]!, { roundings: 100, scale: divisor })
      })
    },
  )
  fc.assert(property, { numRuns: 60 })
})

it('without options tokenLoss is summedTokenLoss, in fp32 for bf16 logits too', () => {
  scope(() => {
    const logits = torch.randn([2, 3, 6], { dtype: 'bfloat16' })
    const targets = integers([
      [1, 2, ignoreIndex],
      [0, ignoreIndex, 5],
    ])
    const { sum, count } = tokenLoss(logits, targets)
    expectClose(sum, summedTokenLoss(logits, targets), { roundings: 20 })
    expect(count).toBe(4)
    expect(sum.dtype).toBe('float32')
  })
})

it('a batch without targets has sum, count and gradient 0', () => {
  scope(() => {
    const logits = torch.randn([1, 2, 6]).requiresGrad_()
    const { sum, count } = tokenLoss(logits, integers([[7000, 1]]), { mask: torch.zeros([1, 2]), zLoss: 0.1 })
    expect([sum.item(), count]).toEqual([0, 0])
    expect(grad(sum, [logits])[0]!.abs().max().item()).toBe(0)
  })
})

it('nextTokenTargets asks each position for the token that follows, where it is to be learnt', () => {
  const ids = integers([[3, 4, 5, 2]])
  expect(nextTokenTargets(ids).toArray()).toEqual([[4, 5, 2, ignoreIndex]])
  const learn = torch.tensor([[true, false, true, true]])
  expect(nextTokenTargets(ids, learn).toArray()).toEqual([[ignoreIndex, 5, 2, ignoreIndex]])
})

it('a reference computed from the policy itself has no gradient, and gives log 2 a pair', () => {
  scope(() => {
    const policy = model(torch.randn([6, 6]).requiresGrad_())
    const answers = (ids: number[][]) => ({
      ids_bt: integers(ids),
      targets_bt: nextTokenTargets(integers(ids)),
    })
    const pair = {
      chosen: answers([
        [1, 2, 3],
        [4, 0, 1],
      ]),
      rejected: answers([
        [5, 2],
        [4, 4],
      ]),
    }
    for (const perToken of [false, true]) {
      const reference = referenceLogProbs(policy, pair, perToken)
      expect(isGradEnabled()).toBe(true)
      expect(reference.chosen.requiresGrad).toBe(false)
      const current = pairLogProbs(policy, pair, perToken)
      expect(current.chosen.requiresGrad).toBe(true)
      const { sum, count } = preferenceLoss(current, reference)
      expectClose((sum.item() as number) / count, Math.log(2), { roundings: 20 })
    }
    const summed = pairLogProbs(policy, pair).chosen
    expectClose(summed.div(2), pairLogProbs(policy, pair, true).chosen, { roundings: 20 })
  })
})

it('sequenceLogProbs leaves out what the mask does', () => {
  scope(() => {
    const logits = torch.zeros([2, 3, 6])
    const mask = torch.tensor([
      [true, false, true],
      [false, false, false],
    ])
    const { logProbs_b, counts_b } = sequenceLogProbs(logits, torch.zeros([2, 3], { dtype: 'int64' }), mask)
    expect(counts_b.toArray()).toEqual([2, 0])
    expectClose(logProbs_b, [-2 * Math.log(6), 0], { roundings: 20 })
  })
})

it('without a mask a head reads the end of the row', () => {
  scope(() => {
    const hidden = torch.randn([2, 3, 4])
    expect(farthest(lastHidden(hidden), hidden.select(1, 2))).toBe(0)
    expect([...new ClassificationHead(4, 5, 'float32').parameters().keys()]).toEqual(['score.weight'])
    expect(new ClassificationHead(4, 5, 'float32').forward(hidden).shape).toEqual([2, 5])
    expect(new RewardHead(4, 'float32').forward(hidden).shape).toEqual([2])
  })
})

const zeros = (...shape: number[]): Tensor => torch.zeros(shape)
const ids = (...shape: number[]): Tensor => torch.zeros(shape, { dtype: 'int64' })
const pair = (chosen: number, rejected: number) => ({ chosen: zeros(chosen), rejected: zeros(rejected) })

it.each<[string, () => unknown]>([
  ['targets_bt has shape [2,3]; expected [2,4]', () => tokenLoss(zeros(2, 4, 6), ids(2, 3))],
  ['mask has shape [2,1]', () => tokenLoss(zeros(2, 4, 6), ids(2, 4), { mask: zeros(2, 1) })],
  ['mask has shape [4]', () => sequenceLogProbs(zeros(2, 4, 6), ids(2, 4), zeros(4))],
  ['learn_bt has shape [1]', () => nextTokenTargets(ids(1, 2), zeros(1))],
  ['policy.rejected has shape [1]', () => preferenceLoss(pair(2, 1), pair(2, 2))],
  ['reference.chosen has shape [1]', () => preferenceLoss(pair(2, 2), pair(1, 2))],
  ['rewards.rejected has shape [1]', () => rewardLoss(pair(2, 1))],
  ['margin_b has shape [1]', () => rewardLoss(pair(2, 2), zeros(1))],
  ['classWeights has shape [2]', () => classLoss(zeros(2, 3), ids(2), { classWeights: zeros(2) })],
  ['labels_bc has shape [2]', () => multiLabelLoss(zeros(2, 3), zeros(2))],
  ['mask_bt has shape [2,1]', () => lastHidden(zeros(2, 3, 4), zeros(2, 1))],
])('%s', (message, call) => {
  expect(() => scope(call)).toThrow(
    expect.objectContaining({
      code: 'nn_objective_shape_mismatch',
      message: expect.stringContaining(message),
    }),
  )
})

it.each<[string, () => unknown]>([
  ['labelSmoothing is 1', () => tokenLoss(zeros(1, 1, 2), ids(1, 1), { labelSmoothing: 1 })],
  ['zLoss is NaN', () => tokenLoss(zeros(1, 1, 2), ids(1, 1), { labelSmoothing: 1, zLoss: Number.NaN })],
  ['labelSmoothing is -1', () => classLoss(zeros(1, 2), ids(1), { labelSmoothing: -1 })],
  ['beta is 0; it must be above 0', () => preferenceLoss(pair(1, 1), pair(1, 1), { beta: 0 })],
  ['it must be from 0 to below 0.5', () => preferenceLoss(pair(1, 1), pair(1, 1), { labelSmoothing: 0.5 })],
  ['0 for ipo', () => preferenceLoss(pair(1, 1), pair(1, 1), { variant: 'ipo', labelSmoothing: 0.1 })],
])('%s', (message, call) => {
  expect(() => scope(call)).toThrow(
    expect.objectContaining({
      code: 'nn_objective_option_invalid',
      message: expect.stringContaining(message),
    }),
  )
})
