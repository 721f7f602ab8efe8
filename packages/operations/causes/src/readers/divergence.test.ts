import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lossesNotFinite, normsHigh, normsRising } from './divergence.ts'
import { readSteps } from './training-log.ts'

const linesOf = (text: string) => text.split('\n').map((line) => ({ text: line, raw: line }))
const logOf = (norms: readonly number[]) =>
  linesOf(norms.map((norm, index) => `step ${index + 1} | loss 2.0 | grad norm ${norm} | lr 1e-3`).join('\n'))

describe('steps are read', () => {
  test.each([
    [
      'step 120 | loss 3.2 | grad norm: 140.1 | lr: 6.0e-04',
      { step: 120, loss: 3.2, norm: 140.1, learningRate: 6e-4 },
    ],
    [
      "{'loss': 2.3, 'grad_norm': 150.2, 'learning_rate': 5e-05, 'epoch': 0.1}",
      { loss: 2.3, norm: 150.2, learningRate: 5e-5, epoch: 0.1 },
    ],
    [
      ' iteration      100/   50000 | lm loss: 6.100E+00 | grad norm: 0.80 |',
      { step: 100, loss: 6.1, norm: 0.8 },
    ],
    [
      '{"step":50,"loss":3.4,"learningRate":0.001,"gradientNorm":131.2}',
      { step: 50, loss: 3.4, norm: 131.2, learningRate: 0.001 },
    ],
    ['{"step":50,"loss":null,"gradientNorm":null}', { step: 50, loss: Number.NaN, norm: Number.NaN }],
    ['{"step":50,"loss":2.1,"lossScale":1024,"skipped":true}', { step: 50, loss: 2.1 }],
    ['{"epoch": 1, "train_loss": "2.5", "gnorm": "1.2"}', { loss: 2.5, norm: 1.2 }],
    ['Epoch 3: train_loss=inf, lr=0.1', { loss: Number.POSITIVE_INFINITY, learningRate: 0.1, epoch: 3 }],
  ])('from %s', (text, step) => {
    expect(readSteps(linesOf(text))).toEqual([{ line: 0, ...step }])
  })

  test.each([
    'lossless compression ratio 2.1, normalized 0.9',
    '{"msg":"loss of connection","code":null}',
    'glossary: 12 terms',
    'the loss was computed over 5 rows',
    '{"validLoss":2.1,"step":100,"seconds":3}',
  ])('not from %s', (text) => {
    expect(readSteps(linesOf(text))).toEqual([])
  })
})

describe('norms above 100', () => {
  test('count when they last three logged steps, with the step, the last good one and the highest', () => {
    expect(normsHigh(logOf([1, 2, 150, 900, 300, 4]))).toEqual([
      {
        from: 2,
        to: 4,
        figures: { place: 'step 3', goodPlace: 'step 2', learningRate: '0.001', norm: '900', steps: '3' },
      },
    ])
    expect(normsHigh(logOf([1, 2, 150, 900, 3, 180, 200, 1]))).toEqual([])
    expect(normsHigh(logOf([100, 100, 100, 100]))).toEqual([])
  })

  test('that are no numbers count as high', () => {
    const lines = linesOf('step 1 grad_norm: 120\nstep 2 grad_norm: nan\nstep 3 grad_norm: inf')
    expect(normsHigh(lines)).toMatchObject([{ from: 0, to: 2, figures: { norm: '120', steps: '3' } }])
  })
})

describe('rising norms', () => {
  const rising = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8]

  test('are seen when the medians of the last four windows grow fourfold', () => {
    expect(normsRising(logOf(rising))).toMatchObject([
      { from: 0, to: 19, figures: { before: '1', norm: '8' } },
    ])
  })

  test('are not seen in noise, in a fall, or once norms are high', () => {
    expect(normsRising(logOf(rising.toReversed()))).toEqual([])
    expect(normsRising(logOf(Array.from({ length: 40 }, (_, index) => 1 + (index % 7))))).toEqual([])
    expect(normsRising(logOf([...rising, 200, 300, 400]))).toEqual([])
  })
})

test('the first loss that is no number is named, with the last good step', () => {
  expect(lossesNotFinite(linesOf('step 7 loss: 2.0\nstep 8 loss: nan\nstep 9 loss: nan'))).toEqual([
    { from: 1, to: 1, figures: { place: 'step 8', goodPlace: 'step 7', loss: 'NaN' } },
  ])
})

test('a healthy run has nothing, however its norms vary below 100', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.5, max: 1.5, noNaN: true }), { maxLength: 200 }), (norms) => {
      const lines = logOf(norms)
      expect([...normsHigh(lines), ...normsRising(lines), ...lossesNotFinite(lines)]).toEqual([])
    }),
  )
})
