import { expect, it } from 'vitest'
import { isSkipped } from './is-skipped.ts'

it('names with stars stand for modules and all in them', () => {
  expect(isSkipped('model.layers.0.mlp.up_proj', ['model.layers.0'])).toBe(true)
  expect(isSkipped('model.layers.01.mlp.up_proj', ['model.layers.0'])).toBe(false)
  expect(isSkipped('model.layers.3.mlp.up_proj', ['*.up_proj'])).toBe(true)
  expect(isSkipped('model.layers.3.mlp.up_proj', ['a+', 'up_proj'])).toBe(false)
})
