/** Invariants for any traffic and settings, of the simulator and of the components it is made of. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs as runsOf } from '../../../../kernel/base/test/slow-tests.ts'
import { simulate } from './simulate.ts'
import { type SimulatedService, simulatedCosts } from './simulated-service.ts'
import type { Outcome } from './tally.ts'
import type { SimulatedRequest } from './traffic.ts'

const step = { perStep: 5, perDecodeToken: 1, perPrefillToken: 0.5, perAttendedToken: 0.001 }
const costs = simulatedCosts({ step, restorePerToken: 0.01 })

const request = fc
  .record({
    gap: fc.oneof(fc.constant(0), fc.nat(400)),
    kind: fc.constantFrom('generate' as const, 'generate' as const, 'embed' as const),
    promptTokens: fc.integer({ min: 1, max: 150 }),
    outputTokens: fc.integer({ min: 1, max: 40 }),
    key: fc.constantFrom('a', 'b', 'c'),
    priority: fc.nat(2),
    prefix: fc.option(fc.record({ id: fc.constantFrom('p', 'q'), tokens: fc.constant(40) }), {
      nil: undefined,
    }),
    withinMillis: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined, freq: 3 }),
  })
  .map(({ prefix, withinMillis, kind, outputTokens, ...rest }) => ({
    ...rest,
    kind,
    outputTokens: kind === 'embed' ? 0 : outputTokens,
    ...(prefix !== undefined && { prefix }),
    ...(withinMillis !== undefined && { withinMillis }),
  }))

const traffic = fc.array(request, { maxLength: 60 }).map((requests): SimulatedRequest[] => {
  let arrivalMillis = 0
  return requests.map(({ gap, ...rest }) => {
    arrivalMillis += gap
    return { ...rest, arrivalMillis }
  })
})

const service: fc.Arbitrary<Partial<SimulatedService>> = fc
  .record({
    maxBatchSize: fc.integer({ min: 1, max: 8 }),
    maxBatchTokens: fc.integer({ min: 8, max: 128 }),
    maxPrefillTokensWhileDecoding: fc.integer({ min: 1, max: 64 }),
    minPrefillChunk: fc.integer({ min: 1, max: 32 }),
    timeoutMicros: fc.constantFrom(0, 10_000, 100_000),
    maxQueue: fc.nat(40),
    sloTtftMillis: fc.constantFrom(undefined, undefined, 300),
    sloItlMillis: fc.constantFrom(undefined, 15),
    agingMillis: fc.constantFrom(100, 10_000),
    cells: fc.constantFrom(200, 260, 1000, Number.POSITIVE_INFINITY),
    preemption: fc.boolean(),
    sharesPrefixes: fc.boolean(),
    order: fc.constantFrom('fair' as const, 'fifo' as const),
    prompts: fc.constantFrom('chunks' as const, 'whole' as const),
    speculation: fc.constantFrom(undefined, undefined, { draftTokens: 4, tokensPerStep: 2.2 }),
  })
  .map((settings) => ({ ...settings, passTokens: settings.maxBatchTokens }))

const runs = { numRuns: runsOf(60, 300) }

describe('of any traffic under any settings', () => {
  it('each request has one outcome, and no cell is lost', () => {
    fc.assert(
      fc.property(traffic, service, fc.boolean(), (requests, settings, isStatic) => {
        const outcomes = new Map<SimulatedRequest, Outcome>()
        const batches = isStatic ? 'static' : 'continuous'
        const report = simulate(requests, { ...settings, batches }, costs, {
          onOutcome: (request, outcome) => {
            expect(outcomes.has(request)).toBe(false)
            outcomes.set(request, outcome)
          },
        })
        expect(outcomes.size).toBe(requests.length)
        expect(report.requests).toBe(requests.length)
        expect(report.cells.atEnd).toBeCloseTo(0, 6)
        expect(report.cells.max).toBeLessThanOrEqual((settings.cells ?? 0) + 1e-6)
      }),
      runs,
    )
  })

  it('no step and no pass computes more than it may', () => {
    fc.assert(
      fc.property(traffic, service, (requests, settings) => {
        const { maxBatchSize, maxBatchTokens, maxPrefillTokensWhileDecoding, prompts } = settings
        simulate(requests, settings, costs, {
          onStep: ({ decodeTokens, prefillTokens }, running) => {
            expect(decodeTokens + prefillTokens).toBeGreaterThan(0)
            expect(decodeTokens + prefillTokens).toBeLessThanOrEqual(maxBatchTokens!)
            expect(running).toBeLessThanOrEqual(maxBatchSize!)
            if (decodeTokens > 0 && prompts === 'chunks')
              expect(prefillTokens).toBeLessThanOrEqual(Math.max(maxPrefillTokensWhileDecoding!, 8))
          },
          onPass: ({ prefillTokens }, texts) => {
            expect(texts).toBeLessThanOrEqual(maxBatchSize!)
            if (texts > 1) expect(prefillTokens).toBeLessThanOrEqual(maxBatchTokens!)
          },
        })
      }),
      runs,
    )
  })

  it('the engine is never idle longer than the batching delay while requests wait', () => {
    fc.assert(
      fc.property(traffic, service, (requests, settings) => {
        let idle = 0
        const end = (): void => {
          idle = 0
        }
        simulate(requests, settings, costs, {
          onStep: end,
          onPass: end,
          onIdle: (millis, waiting) => {
            idle = waiting === 0 ? 0 : idle + millis
            expect(idle).toBeLessThanOrEqual(settings.timeoutMicros! / 1000 + 1e-6)
          },
        })
      }),
      runs,
    )
  })

  it('who is due first goes first, among those of a key and priority', () => {
    fc.assert(
      fc.property(traffic, service, (requests, settings) => {
        const line = new Map<SimulatedRequest, number>()
        simulate(requests, { ...settings, order: 'fair' }, costs, {
          onEnter: (request, dueAt, now) => void line.set(request, dueAt ?? now + 60_000),
          onOutcome: (request) => void line.delete(request),
          onStart: (request) => {
            const due = line.get(request)!
            line.delete(request)
            for (const [other, otherDue] of line)
              if (
                ['key', 'priority', 'kind'].every(
                  (each) => Reflect.get(other, each) === Reflect.get(request, each),
                )
              )
                expect(otherDue).toBeGreaterThanOrEqual(due)
          },
        })
      }),
      runs,
    )
  })

  it('all goes the same way again', () => {
    fc.assert(
      fc.property(traffic, service, (requests, settings) => {
        expect(simulate(requests, settings, costs)).toEqual(simulate(requests, settings, costs))
      }),
      { numRuns: runsOf(15, 50) },
    )
  })
})

it('an admitted request ends within a bound set by the tokens of earlier arrivals', () => {
  fc.assert(
    fc.property(traffic, service, (requests, settings) => {
      const equal = requests.map(
        ({ priority: _, key: _1, withinMillis: _2, prefix: _3, ...rest }): SimulatedRequest => rest,
      )
      const { maxBatchSize, maxBatchTokens, timeoutMicros } = settings
      const slowest = 5 + maxBatchTokens! + 0.001 * 8 * 200 * 200
      let tokens = 0
      const bound = new Map(
        equal.map((request) => {
          tokens += request.promptTokens + request.outputTokens
          return [request, 2 * slowest * maxBatchSize! * tokens + timeoutMicros! / 1000 + slowest]
        }),
      )
      simulate(equal, { ...settings, sloTtftMillis: undefined }, costs, {
        onOutcome: (request, outcome, now) => {
          if (outcome === 'done') expect(now - request.arrivalMillis).toBeLessThanOrEqual(bound.get(request)!)
        },
      })
    }),
    runs,
  )
})

describe('keys that both have requests waiting', () => {
  const both = fc.record({
    lengths: fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 30 })), {
      minLength: 150,
      maxLength: 200,
    }),
    weight: fc.constantFrom(1, 2, 3),
    maxBatchSize: fc.integer({ min: 1, max: 4 }),
  })
  /** The largest difference in weighted service while both waited. */
  const apart = (
    { lengths, weight, maxBatchSize }: { lengths: [number, number][]; weight: number; maxBatchSize: number },
    order: SimulatedService['order'],
  ): number => {
    const requests = ['a', 'b'].flatMap((key) =>
      lengths.map(
        ([promptTokens, outputTokens]): SimulatedRequest => ({
          arrivalMillis: 0,
          kind: 'generate',
          promptTokens,
          outputTokens,
          key,
        }),
      ),
    )
    const waiting: Record<string, number> = { a: 0, b: 0 }
    const served: Record<string, number> = { a: 0, b: 0 }
    let most = 0
    const settings = { order, maxBatchSize, maxQueue: 1000, keyWeights: { a: weight } }
    simulate(requests, settings, costs, {
      onEnter: ({ key }) => {
        waiting[key!]! += 1
      },
      onStart: ({ key }) => {
        waiting[key!]! -= 1
      },
      onOutcome: ({ key, promptTokens, outputTokens }) => {
        served[key!]! += (promptTokens + 2 * outputTokens) / (key === 'a' ? weight : 1)
        if (waiting.a! > 0 && waiting.b! > 0) most = Math.max(most, Math.abs(served.a! - served.b!))
      },
    })
    return most
  }

  it('are served alike for their weights, as far as what is served at once allows', () => {
    fc.assert(
      fc.property(both, (given) => {
        // Twice the maximum served at once (Sheng et al., theorem 4.4), plus what running requests have not been charged for
        // yet.
        const atOnce = given.maxBatchSize * (60 + 2 * 30)
        expect(apart(given, 'fair')).toBeLessThanOrEqual(3 * atOnce)
      }),
      { numRuns: runsOf(20, 60) },
    )
  })

  it('are not, in the order they came: the test can fail', () => {
    const lengths = Array.from({ length: 150 }, (): [number, number] => [60, 30])
    expect(apart({ lengths, weight: 1, maxBatchSize: 2 }, 'fifo')).toBeGreaterThan(3 * 2 * 120)
  })
})

it('who makes way may have held the beginning that was counted on', () => {
  const of = (promptTokens: number, outputTokens: number, more: Partial<SimulatedRequest> = {}) => ({
    promptTokens,
    outputTokens,
    key: 'a',
    priority: 0,
    kind: 'generate' as const,
    arrivalMillis: 0,
    ...more,
  })
  const prefix = { id: 'p', tokens: 40 }
  const requests = [
    of(2, 2, { priority: 1, prefix }),
    of(93, 1),
    of(128, 3),
    of(132, 1, { prefix, arrivalMillis: 1 }),
  ]
  const settings = {
    maxBatchSize: 3,
    maxBatchTokens: 74,
    maxPrefillTokensWhileDecoding: 1,
    minPrefillChunk: 1,
    timeoutMicros: 0,
    maxQueue: 1,
    agingMillis: 100,
    cells: 260,
    preemption: true,
    sharesPrefixes: true,
    order: 'fair' as const,
    prompts: 'whole' as const,
    passTokens: 74,
  }
  expect(simulate(requests, settings, costs).cells.max).toBeLessThanOrEqual(260)
})
