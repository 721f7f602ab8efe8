import { describe, expect, it } from 'vitest'
import { brokenPromises, capacityWithin } from './capacity.ts'
import { comparePolicies } from './compare-policies.ts'
import { simulate } from './simulate.ts'
import { simulatedCosts } from './simulated-service.ts'
import { drawTraffic, hasten } from './traffic.ts'

const costs = simulatedCosts({
  step: { perStep: 6, perDecodeToken: 3, perPrefillToken: 1, perAttendedToken: 0.0005 },
})
const traffic = drawTraffic({
  arrivals: { kind: 'bursts', requestsPerSecond: 4, burstMillis: 3000, silenceMillis: 3000 },
  sorts: [
    {
      share: 1,
      kind: 'generate',
      promptTokens: { kind: 'lognormal', median: 64, sigma: 0.6, most: 512 },
      outputTokens: { kind: 'lognormal', median: 24, sigma: 0.6, most: 128 },
    },
  ],
  requests: 600,
  seed: 2,
})

describe('capacity', () => {
  const slo = { ttftMillis: 500 }

  it('is the most that keeps what is promised', () => {
    const most = capacityWithin(slo, traffic, {}, costs)!
    expect(brokenPromises(most.report, slo)).toEqual([])
    const beyond = simulate(hasten(traffic, most.factor * 1.2), {}, costs)
    expect(brokenPromises(beyond, slo)).toMatchObject([{ name: 'time to first token', most: 500 }])
  })

  it('is found from anywhere', () => {
    const factors = [0.01, 1, 100].map((guess) => capacityWithin(slo, traffic, {}, costs, guess)!.factor)
    for (const factor of factors) expect(factor / factors[0]!).toBeCloseTo(1, 0)
  })

  it('is none of what cannot be kept', () => {
    expect(capacityWithin({ ttftMillis: 1 }, traffic, {}, costs)).toBeUndefined()
  })

  it('counts who is refused', () => {
    const report = simulate(hasten(traffic, 50), { maxQueue: 4 }, costs)
    expect(brokenPromises(report, {})).toMatchObject([{ name: 'share refused' }])
  })
})

it('static batches, as guides have them, bear less than continuous ones', () => {
  const [own, , , , , static8, static32] = comparePolicies(traffic, {}, costs)
  for (const other of [static8, static32]) {
    expect(own!.report.ttftMillis!.p99).toBeLessThan(other!.report.ttftMillis!.p99 / 2)
    expect(own!.report.outcomes.done).toBe(600)
  }
})
