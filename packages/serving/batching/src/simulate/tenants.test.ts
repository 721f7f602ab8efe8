/** Fairness between tenants, of the simulator and of the production components it is made of. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { compareTenants, simulateTenants, tenantPolicies, tenantsAlone } from './compare-tenants.ts'
import type { LengthDistribution } from './length-distribution.ts'
import { type SimulatedService, simulatedCosts } from './simulated-service.ts'
import { type Tenant, tenantTraffic } from './tenants.ts'
import type { Arrivals } from './traffic.ts'

const step = { perStep: 5, perDecodeToken: 2, perPrefillToken: 1, perAttendedToken: 0 }
const costs = simulatedCosts({ step, restorePerToken: 0.01 })
const minutes = (count: number) => ({ millis: count * 60_000, seed: 1 })
const day = { millis: 24 * 3_600_000, seed: 1 }

const fixed = (tokens: number): LengthDistribution => ({ kind: 'fixed', tokens })
const upTo = (most: number): LengthDistribution => ({ kind: 'uniform', least: 1, most })
const poisson = (requestsPerSecond: number): Arrivals => ({ kind: 'poisson', requestsPerSecond })
const tenant = (name: string, rate: number, more: Partial<Tenant> = {}): Tenant => ({
  name,
  arrivals: poisson(rate),
  promptTokens: upTo(100),
  outputTokens: upTo(40),
  ...more,
})

const arrivals: fc.Arbitrary<Arrivals> = fc.oneof(
  fc.double({ min: 0.05, max: 20, noNaN: true }).map(poisson),
  fc.double({ min: 0.5, max: 20, noNaN: true }).map(
    (rate): Arrivals => ({
      kind: 'bursts',
      requestsPerSecond: rate,
      burstMillis: 20_000,
      silenceMillis: 20_000,
    }),
  ),
  fc
    .double({ min: 0.5, max: 10, noNaN: true })
    .map(
      (rate): Arrivals => ({ kind: 'diurnal', requestsPerSecond: rate, swing: 0.9, periodMillis: 120_000 }),
    ),
)
const tenants = fc
  .array(
    fc.record({
      arrivals,
      promptTokens: fc.integer({ min: 1, max: 200 }).map(upTo),
      outputTokens: fc.integer({ min: 1, max: 60 }).map(upTo),
      weight: fc.constantFrom(1, 1, 2, 5),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((all): Tenant[] => all.map((each, at) => ({ ...each, name: `tenant ${at}` })))
const service: fc.Arbitrary<Partial<SimulatedService>> = fc.record({
  maxBatchSize: fc.integer({ min: 1, max: 8 }),
  maxQueue: fc.constantFrom(0, 5, 40, 1000),
  agingMillis: fc.constantFrom(100, 10_000),
})

describe('the traffic of tenants', () => {
  it('is ordered and bounded in time, and each tenant’s is independent of the others', () => {
    const [a, b] = [tenant('a', 5), tenant('b', 2)]
    const both = [...tenantTraffic([a, b], 60_000, 3)]
    expect(both.map(({ arrivalMillis }) => arrivalMillis)).toEqual(
      both.map(({ arrivalMillis }) => arrivalMillis).toSorted((x, y) => x - y),
    )
    expect(both.at(-1)!.arrivalMillis).toBeLessThan(60_000)
    expect(both.filter(({ key }) => key === 'b')).toEqual([...tenantTraffic([b], 60_000, 3)])
  })
})

describe('whatever tenants send', () => {
  it('no token is lost: what they sent was served or refused', () => {
    const cells = fc.constantFrom(300, 1000, Number.POSITIVE_INFINITY)
    const more = fc.record({
      order: fc.constantFrom('fair' as const, 'fifo' as const),
      cells,
      limits: fc.boolean(),
    })
    fc.assert(
      fc.property(tenants, service, more, (all, settings, { limits, ...rest }) => {
        const limited = all.map((each, at) => ({
          ...each,
          limit: { requestsPerMinute: 20, concurrency: at + 1 },
        }))
        const result = simulateTenants(limited, minutes(2), { ...settings, ...rest }, costs, limits)
        let [sent, served, due] = [0, 0, 0]
        for (const { promptTokens, outputTokens } of tenantTraffic(all, minutes(2).millis, 1))
          sent += promptTokens + outputTokens
        for (const each of result.tenants) {
          expect(each.servedTokens + each.refusedTokens).toBe(each.offeredTokens)
          sent -= each.offeredTokens
          served += each.service
          due += each.due
        }
        expect(sent).toBe(0)
        expect(due).toBeLessThanOrEqual(served + 1e-3)
      }),
      { numRuns: runs(10, 40), endOnFailure: true },
    )
  })

  it('two who both have requests waiting are apart by no more than the bound of virtual token counters', () => {
    fc.assert(
      fc.property(tenants, service, (all, settings) => {
        const { apart, bound } = simulateTenants(all, minutes(4), settings, costs, false)
        if (apart !== undefined) expect(apart.service * apart.weight).toBeLessThanOrEqual(bound)
      }),
      { numRuns: runs(15, 60), endOnFailure: true },
    )
  })

  it('in the order they come, they are further apart: the test can fail', () => {
    const all = [tenant('flood', 20), tenant('steady', 4)]
    const { apart, bound } = simulateTenants(all, minutes(20), { order: 'fifo' }, costs, false)
    expect(apart!.service).toBeGreaterThan(bound)
  })

  it('a trickle under a flood waits no longer than it takes until a place is free, whatever the flood', () => {
    const flood = fc.record({
      rate: fc.double({ min: 2, max: 40, noNaN: true }),
      prompt: fc.integer({ min: 1, max: 200 }),
      output: fc.integer({ min: 1, max: 60 }),
      maxBatchSize: fc.integer({ min: 1, max: 8 }),
      maxQueue: fc.constantFrom(8, 40, 1000),
      agingMillis: fc.constantFrom(100, 10_000),
    })
    fc.assert(
      fc.property(flood, ({ rate, prompt, output, ...settings }) => {
        const lengths = { promptTokens: fixed(prompt), outputTokens: fixed(output) }
        const trickle = tenant('trickle', 0.05, lengths)
        const result = simulateTenants(
          [tenant('flood', rate, lengths), trickle],
          minutes(30),
          settings,
          costs,
          false,
        )
        const [alone] = tenantsAlone([trickle], minutes(30), settings, costs)
        const found = result.tenants[1]!
        // How long a request runs with all slots taken: its own prompt, those of the others, and its output.
        const { maxBatchSize } = settings
        const prompts = maxBatchSize * prompt * (step.perPrefillToken + step.perStep / 16)
        const lasts = prompts + (output + 1) * (step.perStep + maxBatchSize * step.perDecodeToken) + 200
        expect(found.outcomes.done).toBe(found.requests)
        // Until one is done and another one, whose turn it was, goes first.
        expect(found.waitMillis!.p99).toBeLessThanOrEqual(alone!.waitMillis!.p99 + 2 * lasts)
      }),
      { numRuns: runs(4, 12), endOnFailure: true },
    )
  })

  it('weights are kept among those who always have requests waiting', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 2, 3, 8), { minLength: 2, maxLength: 4 }), (weights) => {
        const all = weights.map((weight, at) => tenant(`tenant ${at}`, 30, { weight }))
        const { tenants: found, bound } = simulateTenants(all, minutes(10), {}, costs, false)
        const total = found.reduce((sum, each) => sum + each.service, 0)
        const weight = weights.reduce((sum, each) => sum + each, 0)
        // Not all tenants wait while the first requests fill empty slots, and at the end.
        for (const [at, each] of found.entries())
          expect(Math.abs(each.service - (total * weights[at]!) / weight)).toBeLessThanOrEqual(
            bound * weights[at]!,
          )
      }),
      { numRuns: runs(3, 6), endOnFailure: true },
    )
  })
})

describe('in 24 hours with a flood', () => {
  // A slower machine and proportionally less traffic: the same day in fewer steps.
  const slow = simulatedCosts({
    step: { perStep: 50, perDecodeToken: 20, perPrefillToken: 10, perAttendedToken: 0 },
  })
  const all = [
    tenant('flood', 1.2, {
      arrivals: { kind: 'bursts', requestsPerSecond: 1.2, burstMillis: 1_200_000, silenceMillis: 600_000 },
      limit: { requestsPerMinute: 3 },
    }),
    tenant('trickle', 0.02),
    tenant('daily', 0.12, {
      arrivals: { kind: 'diurnal', requestsPerSecond: 0.12, swing: 0.9, periodMillis: day.millis },
    }),
    tenant('batch', 0.1, { priority: 5 }),
  ]
  const compared = tenantPolicies.filter(({ name }) => name !== 'first come, key limits')
  const [fifo, fair, limited] = compareTenants(all, day, {}, slow, compared)
  const of = (found: typeof fair, name: string) => found!.tenants.find((each) => each.name === name)!

  it('no tenant starves, and each gets its fair share', () => {
    for (const name of ['trickle', 'daily']) {
      const found = of(fair, name)
      expect(found.outcomes.done).toBe(found.requests)
      expect(found.service / found.due).toBeGreaterThan(0.98)
      expect(found.waitMillis!.max).toBeLessThan(30_000)
    }
    for (const { service, due } of fair!.tenants) expect(service / due).toBeGreaterThan(0.9)
    expect(of(fair, 'flood').outcomes.queue_full).toBeGreaterThan(0)
  })

  it('first come, first served starves whom it does not flood: the test can fail', () => {
    const found = of(fifo, 'trickle')
    expect(found.outcomes.queue_full / found.requests).toBeGreaterThan(0.2)
    expect(found.waitMillis!.p99).toBeGreaterThan(100_000)
    expect(fifo!.jain).toBeLessThan(fair!.jain)
  })

  it('limits hold, and limited work does not count towards a fair share', () => {
    const { outcomes, requests } = of(limited, 'flood')
    expect(outcomes.done).toBeLessThanOrEqual(3 * (24 * 60 + 1))
    expect(outcomes.limited).toBeGreaterThan(requests / 2)
    expect(limited!.jain).toBeGreaterThan(0.99)
  })
})
