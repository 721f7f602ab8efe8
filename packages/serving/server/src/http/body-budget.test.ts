import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BodyBudget, type HeldBody } from './body-budget.ts'

/** A model of the budget: bodies that are held, in the order of their arrival. */
interface Model {
  readonly bodies: Map<number, { held: HeldBody; bytes: number; isComplete: boolean }>
  next: number
}

it('never holds more than its limit, except for a single body, and refuses the oldest unfinished ones first', () => {
  const limit = 100
  const step = fc.record({
    kind: fc.constantFrom('open', 'add', 'complete', 'release'),
    pick: fc.nat(),
    bytes: fc.integer({ min: 1, max: 150 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new BodyBudget(() => limit)
      const model: Model = { bodies: new Map(), next: 0 }
      const refused: number[] = []
      const open = (): void => {
        const id = model.next++
        const held = budget.open(() => {
          refused.push(id)
          held.release()
        })
        model.bodies.set(id, { held, bytes: 0, isComplete: false })
      }
      for (const { kind, pick, bytes } of steps) {
        const ids = [...model.bodies.keys()]
        if (kind === 'open' || ids.length === 0) {
          open()
          continue
        }
        const id = ids[pick % ids.length]!
        const body = model.bodies.get(id)!
        if (kind === 'complete') {
          body.held.complete()
          body.isComplete = true
        } else if (kind === 'release') {
          body.held.release()
          body.held.release()
          model.bodies.delete(id)
        } else if (!body.isComplete) {
          refused.length = 0
          let isRefused = false
          try {
            body.held.add(bytes)
            body.bytes += bytes
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'too_many_bodies', status: 503, retryAfterSeconds: 1 })
            isRefused = true
          }
          const unfinished = [...model.bodies].filter(
            ([other, { isComplete }]) => other !== id && !isComplete,
          )
          expect(refused).toEqual(unfinished.slice(0, refused.length).map(([other]) => other))
          // It is itself refused only if nothing else could make room.
          if (isRefused) expect(refused).toHaveLength(unfinished.length)
          for (const gone of refused) model.bodies.delete(gone)
          if (isRefused) model.bodies.delete(id)
        }
        const sizes = [...model.bodies.values()].map(({ bytes }) => bytes)
        const sum = sizes.reduce((all, bytes) => all + bytes, 0)
        expect(budget.bytes).toBe(sum)
        expect(sum <= limit || sizes.filter((bytes) => bytes > 0).length === 1).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})
