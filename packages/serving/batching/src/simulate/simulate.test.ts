import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.ts'
import { type SimulatedService, simulatedCosts } from './simulated-service.ts'
import { drawTraffic, type SimulatedRequest } from './traffic.ts'

const step = { perStep: 5, perDecodeToken: 1, perPrefillToken: 0.5, perAttendedToken: 0.001 }
const costs = simulatedCosts({ step, restorePerToken: 0.01 })

const alone = (promptTokens: number, outputTokens: number, arrivalMillis = 0): SimulatedRequest => ({
  arrivalMillis,
  kind: 'generate',
  promptTokens,
  outputTokens,
})

describe('one request', () => {
  it('takes what its steps cost', () => {
    const report = simulate([alone(100, 3)], {}, costs)
    const prompt = 5 + 0.5 * 100 + 0.001 * 100 * 50
    expect(report.ttftMillis!.max).toBeCloseTo(prompt)
    expect(report.simulatedMillis).toBeCloseTo(prompt + 2 * (5 + 1) + 0.001 * (100 + 101))
    expect(report).toMatchObject({ requests: 1, steps: 3, outcomes: { done: 1 } })
    expect(report.cells.max).toBe(102)
  })

  it('of guesses takes fewer steps', () => {
    const speculation = { draftTokens: 3, tokensPerStep: 2.5 }
    const report = simulate([alone(10, 26)], { speculation }, costs)
    expect(report.steps).toBe(1 + 10)
  })

  it('to embed takes a pass', () => {
    const request = { ...alone(40, 0), kind: 'embed' as const }
    const report = simulate([request, request], { timeoutMicros: 20_000 }, costs)
    expect(report.passes).toBe(1)
    expect(report.embedMillis!.max).toBeCloseTo(20 + 5 + 0.5 * 80 + (0.001 * 2 * 40 ** 2) / 2)
  })

  it('too long for the cells there are is refused', () => {
    const report = simulate([alone(100, 50)], { cells: 120 }, costs)
    expect(report.outcomes).toMatchObject({ done: 0, too_long: 1, queue_full: 0, deadline_unmet: 0 })
  })
})

describe('policies', () => {
  it('a long prompt delays running requests less in chunks than whole', () => {
    const traffic = [alone(10, 200), alone(2000, 5, 500)]
    const gap = (prompts: SimulatedService['prompts']) =>
      simulate(traffic, { prompts, maxPrefillTokensWhileDecoding: 32 }, costs).itlMillis!.max
    expect(gap('chunks')).toBeLessThan(gap('whole') / 5)
  })

  it('a bound on the time between tokens holds, as far as prompts can be cut', () => {
    const traffic = [alone(10, 200), alone(1000, 5, 500)]
    const report = simulate(traffic, { sloItlMillis: 20 }, costs)
    expect(report.itlMillis!.max).toBeLessThan(21)
  })

  it('a shared prefix is computed once, by the first request', () => {
    const prefix = { id: 'system', tokens: 500 }
    const traffic = [0, 1, 2, 3].map((index) => ({ ...alone(510, 4, index), prefix }))
    const report = simulate(traffic, { cells: 600 }, costs)
    expect(report.cachedTokens).toBe(1500)
    expect(report.cells.max).toBeLessThanOrEqual(500 + 4 * 13)
    expect(simulate(traffic, { cells: 600, sharesPrefixes: false }, costs).cachedTokens).toBe(0)
  })

  it('putting aside lets more run at a time than reserving does', () => {
    const traffic = Array.from({ length: 40 }, () => alone(20, 100))
    const report = (preemption: boolean) => simulate(traffic, { preemption, cells: 500 }, costs)
    expect(report(false).preemptions).toBe(0)
    expect(report(true).preemptions).toBeGreaterThan(0)
    expect(report(true).sequencesPerStep).toBeGreaterThan(report(false).sequencesPerStep)
    expect(report(true).outcomes.done).toBe(40)
  })

  it('a static batch ends with its longest answer, and the next begins after it', () => {
    const traffic = [alone(10, 100), alone(10, 2, 1), alone(10, 2, 2)]
    const service = { batches: 'static', maxBatchSize: 2, timeoutMicros: 50_000 } as const
    const report = simulate(traffic, service, costs)
    expect(report.outcomes.done).toBe(3)
    // The first two form a batch; the third starts when both have ended, although one of them is short.
    expect(report.ttftMillis!.max).toBeGreaterThan(99 * (5 + 2))
    expect(simulate(traffic, { maxBatchSize: 2 }, costs).ttftMillis!.max).toBeLessThan(60)
  })

  it('a deadline that cannot be met is refused at once', () => {
    const traffic = Array.from({ length: 200 }, (_, index) => alone(200, 20, index))
    const report = simulate(traffic, { sloTtftMillis: 1000, maxBatchSize: 4 }, costs)
    expect(report.outcomes.deadline_unmet).toBeGreaterThan(0)
    expect(report.outcomes.done + report.outcomes.deadline_unmet).toBe(200)
  })
})

it('no request starves behind more urgent ones', () => {
  const urgent = drawTraffic({
    arrivals: { kind: 'poisson', requestsPerSecond: 60 },
    requests: 2000,
    seed: 1,
    sorts: [
      {
        share: 1,
        kind: 'generate',
        promptTokens: { kind: 'fixed', tokens: 50 },
        outputTokens: { kind: 'fixed', tokens: 10 },
      },
    ],
  })
  const patient = { ...alone(50, 100, 1000), priority: 5, key: 'patient' }
  const traffic = [...urgent, patient].sort((a, b) => a.arrivalMillis - b.arrivalMillis)
  for (const preemption of [true, false]) {
    let endedAt = Number.POSITIVE_INFINITY
    const report = simulate(traffic, { maxBatchSize: 4, agingMillis: 500, maxQueue: 50, preemption }, costs, {
      onOutcome: (request, outcome, now) => {
        if (request.key === 'patient' && outcome === 'done') endedAt = now
      },
    })
    expect(report.outcomes.queue_full).toBeGreaterThan(200)
    expect(endedAt).toBeLessThan(8000)
  }
})
