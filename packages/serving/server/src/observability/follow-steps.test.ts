import { createFakeEngine, type Engine, type SlotInfo, type StepReport } from '@hadal/engine'
import { expect, it } from 'vitest'
import { followSteps } from './follow-steps.ts'

/** An engine whose steps and slots the test controls. */
function engine() {
  const listeners = new Set<(report: StepReport) => void>()
  let slots: SlotInfo[] = []
  const fake: Engine = {
    ...createFakeEngine(),
    snapshot: () => ({ ...createFakeEngine().snapshot(), slots }),
    onStep(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  const step = (
    placed: readonly (string | Pick<SlotInfo, 'id' | 'replica'>)[],
    more: Partial<StepReport> = {},
  ): void => {
    slots = placed.map((each, slot) => ({
      slot,
      ...(typeof each === 'string' ? { id: each } : each),
      promptTokens: 1,
      computedTokens: 1,
      generatedTokens: 0,
    }))
    const report = { step: 1, decodeTokens: 1, prefillTokens: 0, running: placed.length, millis: 1, ...more }
    for (const listen of listeners) listen(report)
  }
  return { fake, step, listeners }
}

it('gives a sequence only the steps of its own replica', () => {
  const { fake, step } = engine()
  const seen: number[] = []
  using _ = followSteps(fake, 'a', { step: ({ millis }) => void seen.push(millis) })
  const placed = [
    { id: 'a', replica: 1 },
    { id: 'b', replica: 0 },
  ]
  step(placed, { replica: 1, millis: 1 })
  step(placed, { replica: 0, millis: 2 })
  step(placed.slice(1), { replica: 0, millis: 3 })
  step(placed, { replica: 1, millis: 4 })
  step(placed.slice(1), { replica: 1, millis: 5 })
  expect(seen).toEqual([1, 4, 5])
})

it('gives a sequence each step it was in, including the last', () => {
  const { fake, step, listeners } = engine()
  const seen: number[] = []
  const other: number[] = []
  const own = followSteps(fake, 'a', { step: ({ running }) => void seen.push(running) })
  const beside = followSteps(fake, 'b', { step: ({ running }) => void other.push(running) })
  expect(listeners.size).toBe(1)
  step(['x'])
  step(['x', 'a'])
  step(['x', 'a', 'b'], { isPass: true })
  step(['a', 'b'])
  // Its last step: the sequence has already left when the step is reported.
  step(['b'], { running: 7 })
  step(['b'])
  expect(seen).toEqual([2, 2, 7])
  expect(other).toEqual([2, 7, 1])
  own[Symbol.dispose]()
  expect(listeners.size).toBe(1)
  beside[Symbol.dispose]()
  expect(listeners.size).toBe(0)
})
