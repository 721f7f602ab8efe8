import { ManualClock } from '@hadal/base'
import { seededRandom } from '@hadal/batching'
import { describe, expect, it } from 'vitest'
import type { Measurement } from './answer-tally.ts'
import { reportLevel } from './level-report.ts'
import { type LevelPlan, runLevel, type Send } from './load-level.ts'

const answer: Measurement = {
  ttftMillis: 10,
  e2eMillis: 40,
  gapsMillis: [10, 20],
  promptTokens: 5,
  cachedTokens: 2,
  completionTokens: 3,
  tokensFrom: 'usage',
  error: undefined,
}
const request = () => ({ prompt: 'x', maxTokens: 1 })

/** Turns the clock until the level is over. */
async function run(plan: LevelPlan, send: (clock: ManualClock) => Send, signal?: AbortSignal) {
  const clock = new ManualClock()
  let over = false
  const level = runLevel(plan, request, send(clock), seededRandom(5), undefined, signal, clock).finally(
    () => {
      over = true
    },
  )
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1)
  }
  return level
}

const taking =
  (millis: number, dues: number[] = []) =>
  (clock: ManualClock): Send =>
  async (_request, dueAt) => {
    dues.push(dueAt)
    await clock.sleep(millis)
    return answer
  }

describe('a closed loop', () => {
  it('keeps as many requests under way as there are clients, and sends as many as planned', async () => {
    const { measurements, peakConcurrency, wallMillis } = await run(
      { load: { kind: 'closed', concurrency: 4 }, requests: 20 },
      taking(10),
    )
    expect(measurements).toHaveLength(20)
    expect(peakConcurrency).toBe(4)
    expect(wallMillis).toBeGreaterThanOrEqual(50)
    expect(wallMillis).toBeLessThan(80)
  })

  it('starts no request after its duration', async () => {
    const { measurements } = await run(
      { load: { kind: 'closed', concurrency: 2 }, requests: 1e9, durationMillis: 35 },
      taking(10),
    )
    expect(measurements.length).toBeGreaterThanOrEqual(6)
    expect(measurements.length).toBeLessThanOrEqual(8)
  })

  it('starts no request after an abort', async () => {
    const controller = new AbortController()
    const send =
      (clock: ManualClock): Send =>
      async () => {
        await clock.sleep(10)
        controller.abort()
        return answer
      }
    const { measurements } = await run(
      { load: { kind: 'closed', concurrency: 3 }, requests: 100 },
      send,
      controller.signal,
    )
    expect(measurements).toHaveLength(3)
  })
})

describe('an open loop', () => {
  const load = { kind: 'open', requestsPerSecond: 100 } as const

  it('ends with its duration, not with the arrival after it', async () => {
    const sparse = { kind: 'open', requestsPerSecond: 0.01 } as const
    const { measurements, wallMillis } = await run(
      { load: sparse, requests: 10, durationMillis: 50 },
      taking(1),
    )
    expect(measurements).toHaveLength(1)
    expect(wallMillis).toBeLessThanOrEqual(55)
  })

  it('sends at its rate, whether or not earlier requests are done', async () => {
    const dues: number[] = []
    const { measurements, peakConcurrency } = await run({ load, requests: 200 }, taking(500, dues))
    expect(measurements).toHaveLength(200)
    expect(peakConcurrency).toBeGreaterThan(30)
    const gaps = dues.slice(1).map((due, index) => due - dues[index]!)
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    expect(Math.abs(mean - 10)).toBeLessThan(2)
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    // The gaps of a Poisson process deviate as much as they are long.
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.7)
  })

  it('ends with its duration', async () => {
    const { measurements } = await run({ load, requests: 1e9, durationMillis: 300 }, taking(5))
    expect(measurements.length).toBeGreaterThan(15)
    expect(measurements.length).toBeLessThan(50)
  })
})

describe('the report of a level', () => {
  it('adds up what went well and counts what did not', () => {
    const failed = { ...answer, error: 'queue_full' }
    const report = reportLevel(
      { kind: 'closed', concurrency: 2 },
      { measurements: [answer, answer, failed], wallMillis: 2000, peakConcurrency: 2 },
    )
    expect(report).toMatchObject({
      requests: 3,
      failed: 1,
      errors: { queue_full: 1 },
      promptTokens: 10,
      cachedTokens: 4,
      outputTokens: 6,
      outputTokensPerSecond: 3,
      totalTokensPerSecond: 8,
      requestsPerSecond: 1,
      tokensFrom: 'usage',
    })
    expect(report.itlMillis).toMatchObject({ count: 4, p50: 15 })
    expect(report.tpotMillis?.mean).toBe(15)
    expect(report.ttftMillis?.count).toBe(2)
  })

  it('of nothing that went well has no latencies', () => {
    const failed = { ...answer, error: 'timeout' }
    const report = reportLevel(
      { kind: 'closed', concurrency: 1 },
      { measurements: [failed], wallMillis: 10, peakConcurrency: 1 },
    )
    expect(report).toMatchObject({ outputTokens: 0, ttftMillis: undefined, itlMillis: undefined })
  })
})
