import { Linear, Module } from '@hadal/nn'
import { expect, it } from 'vitest'
import { nameModules } from './module-ranges.ts'

class Pair extends Module {
  readonly first: Linear = new Linear(1, 1, 'float32')
  /** The same module under another name. */
  readonly second: Linear = this.first
  readonly third: Linear = new Linear(1, 1, 'float32')
}

it('leaves every module as it was', () => {
  const pair = new Pair()
  const own = (): unknown => 'own'
  Object.defineProperty(pair.third, 'forward', { value: own, configurable: true, writable: true })
  const { forward } = pair.first
  const undo = nameModules(pair)
  expect(pair.first.forward).not.toBe(forward)
  expect(pair.third.forward).not.toBe(own)
  expect((pair.third as unknown as { forward(): unknown }).forward()).toBe('own')
  undo()
  expect(Object.hasOwn(pair.first, 'forward')).toBe(false)
  expect(pair.first.forward).toBe(forward)
  expect(pair.third.forward).toBe(own)
})
