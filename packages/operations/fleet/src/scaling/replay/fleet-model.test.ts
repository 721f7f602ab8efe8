import { seededRandom } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advanced, type FleetModel, fleetOf, requestedBy, scaledTo, started } from './fleet-model.ts'

const model: FleetModel = { startMillis: 120_000, places: 8, serviceP99Millis: 1000, maxQueue: 1000 }
const step = 15_000

describe('a fleet', () => {
  it('does what fits and lets the rest wait', () => {
    // Two engines' worth for one engine: one second of an engine waits for each second.
    const after = advanced(fleetOf(1), 2, 0, step, model)
    expect(after.busy).toBe(1)
    expect(after.fleet.waitingWork).toBe(step)
    // A request is 1000 / ln 100 / 8 = 27.1 ms of an engine.
    expect(after.backlog).toBeCloseTo(step / (1000 / Math.log(100) / 8), 6)
    // Who comes last waits until all of it is done.
    expect(after.latencyP99Millis).toBe(1000 + step)
    // Then nothing comes, and it is done.
    const done = advanced(after.fleet, 0, step, step, model)
    expect(done.fleet.waitingWork).toBe(0)
    expect(done.busy).toBe(1)
  })

  it('answers as fast as one engine does while there is room', () => {
    expect(advanced(fleetOf(10), 5, 0, step, model).latencyP99Millis).toBe(1000)
  })

  it.each([0.5, 0.8, 0.95])(
    'answers nearly as late as single requests do that are simulated, at %f',
    (share) => {
      const places = 32
      const simulated = simulatedP99(share, places, model.serviceP99Millis / Math.log(100))
      const { latencyP99Millis } = advanced(fleetOf(4), 4 * share, 0, step, model)
      expect(latencyP99Millis).toBeGreaterThan(0.95 * simulated)
      expect(latencyP99Millis).toBeLessThan(1.5 * simulated)
    },
  )

  it('has no latency without requests', () => {
    expect(advanced(fleetOf(1), 0, 0, step, model).latencyP99Millis).toBeNaN()
  })

  it('has a requested engine only after its start time', () => {
    const requested = scaledTo(fleetOf(1), 3, 0, model)
    expect([requested.ready, requestedBy(requested)]).toEqual([1, 3])
    expect(started(requested, 119_999).ready).toBe(1)
    expect(started(requested, 120_000)).toMatchObject({ ready: 3, starting: [] })
  })

  it('gives up those that only start, the newest first', () => {
    const growing = scaledTo(scaledTo(fleetOf(2), 4, 0, model), 5, 60_000, model)
    expect(scaledTo(growing, 3, 90_000, model)).toMatchObject({
      ready: 2,
      starting: [{ at: 120_000, count: 1 }],
    })
    expect(scaledTo(growing, 1, 90_000, model)).toMatchObject({ ready: 1, starting: [] })
  })

  it('holds requests while it sleeps, until the first engine answers', () => {
    const waking = scaledTo(fleetOf(0), 1, 0, model)
    const after = advanced(waking, 0.1, 0, step, model)
    expect(after.busy).toBe(0)
    expect(after.latencyP99Millis).toBe(1000 + 120_000 + 0.1 * step)
  })

  it('refuses what finds the line full', () => {
    const after = advanced(fleetOf(1), 100, 0, step, { ...model, maxQueue: 10 })
    expect(after.backlog).toBeCloseTo(10, 6)
    expect(after.refused).toBeGreaterThan(0)
  })

  it('loses no work, whatever comes and however many there are', () => {
    const steps = fc.array(
      fc.record({
        load: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 50, noNaN: true })),
        replicas: fc.integer({ min: 0, max: 20 }),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 500 }), (all, maxQueue) => {
        const bounded = { ...model, maxQueue }
        const requestWork = 1000 / Math.log(100) / 8
        let fleet = fleetOf(1)
        let [came, done, refused] = [0, 0, 0]
        for (const [index, { load, replicas }] of all.entries()) {
          const now = index * step
          fleet = scaledTo(started(fleet, now), replicas, now, bounded)
          expect(requestedBy(fleet)).toBe(replicas)
          const after = advanced(fleet, load, now, step, bounded)
          expect(after.busy).toBeLessThanOrEqual(fleet.ready + 1e-9)
          expect(after.backlog).toBeGreaterThanOrEqual(0)
          came += load * step
          done += after.busy * step
          refused += after.refused * requestWork
          fleet = after.fleet
        }
        const lost = came - done - refused - fleet.waitingWork
        // At most a thousandth of a request a step is rounded away.
        expect(Math.abs(lost)).toBeLessThan(all.length * requestWork * 1e-3 + 1e-6 * came + 1e-6)
      }),
    )
  })
})

/** Simulates randomly arriving requests, each served in the first free slot. */
function simulatedP99(utilisation: number, places: number, serviceMillis: number): number {
  const random = seededRandom(7)
  const exponential = (mean: number): number => -Math.log(1 - random()) * mean
  const free = new Array<number>(places).fill(0)
  const took: number[] = []
  for (let now = 0; took.length < 100_000; now += exponential(serviceMillis / (places * utilisation))) {
    const first = free.indexOf(Math.min(...free))
    const done = Math.max(now, free[first]!) + exponential(serviceMillis)
    free[first] = done
    took.push(done - now)
  }
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)]!
}
