import { expect, it } from 'vitest'
import { laneOrder } from './lane-order.ts'

const ordered = (names: readonly string[], steps: readonly string[] = []): string[] =>
  laneOrder(names, (name) => steps.includes(name)).map((at) => names[at]!)

it('keeps the order of lanes, but for numbers and steps', () => {
  expect(ordered(['main', 'thread 12', 'queue', 'thread 7', 'main'])).toEqual([
    'main',
    'main',
    'thread 7',
    'thread 12',
    'queue',
  ])
  expect(ordered(['slot 10', 'slot 2', 'waiting 1', 'steps', 'waiting 0', '3'], ['steps'])).toEqual([
    'steps',
    'slot 2',
    'slot 10',
    'waiting 0',
    'waiting 1',
    '3',
  ])
  expect(ordered([])).toEqual([])
})
