import { expect, it } from 'vitest'
import { accuracyOf, classify, defaultTemplates, ensembleClasses, promptsOf } from './zero-shot.ts'

it('writes each class into each sentence, whatever its name holds', () => {
  expect(promptsOf(['cat', '$& {}'], ['a {}.', '{} and {}'])).toEqual([
    'a cat.',
    'cat and cat',
    'a $& {}.',
    '$& {} and $& {}',
  ])
  expect(defaultTemplates.every((template) => template.includes('{}'))).toBe(true)
})

it('takes the mean direction of a class over its sentences, whatever their length', () => {
  const prompts = { values: Float32Array.from([1, 0, 0, 9, 0, -1, 0, -2]), count: 4, width: 2 }
  const { values, count } = ensembleClasses(prompts, 2)
  expect(count).toBe(2)
  expect(values[0]).toBeCloseTo(Math.SQRT1_2)
  expect(values[1]).toBeCloseTo(Math.SQRT1_2)
  expect([...values.subarray(2)]).toEqual([0, -1])
})

it('orders the classes of each image, and counts who is taken for whom', () => {
  const images = { values: Float32Array.from([1, 0, 0.8, 0.6, 0, 1]), count: 3, width: 2 }
  const classes = { values: Float32Array.from([1, 0, 0, 1]), count: 2, width: 2 }
  const { order, scores } = classify(images, classes)
  expect(order).toEqual([
    [0, 1],
    [0, 1],
    [1, 0],
  ])
  expect(scores[1]![1]).toBeCloseTo(0.6)
  expect(accuracyOf(order, [0, 1, 1], 2)).toEqual({
    top1: 2 / 3,
    top5: 1,
    confusion: [
      [1, 0],
      [1, 1],
    ],
    byClass: [1, 0.5],
  })
})

it('counts a class among the first five, and says NaN of a class without images', () => {
  const order = [[0, 1, 2, 3, 4, 5]]
  expect(accuracyOf(order, [4], 6)).toMatchObject({ top1: 0, top5: 1 })
  expect(accuracyOf(order, [5], 6)).toMatchObject({ top5: 0, byClass: [NaN, NaN, NaN, NaN, NaN, 0] })
})
