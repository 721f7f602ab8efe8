import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BatchCandidate, type BatchLimits, paddedTokens, planBatch } from './plan-batch.ts'

const limits: BatchLimits = {
  maxBatchSize: 4,
  maxBatchTokens: Number.POSITIVE_INFINITY,
  timeoutMicros: 10_000,
  preferredBatchSizes: [],
  maxPaddingShare: 1,
  maxPassedOver: 2,
}
const item = (tokens = 1, more: Partial<BatchCandidate> = {}): BatchCandidate => ({
  level: 1,
  arrivedAt: 0,
  tokens,
  passedOver: 0,
  ...more,
})
const items = (...tokens: number[]): BatchCandidate[] => tokens.map((each) => item(each))
const lengths = (waiting: readonly BatchCandidate[], more: Partial<BatchLimits> = {}): number[] =>
  planBatch(waiting, { ...limits, ...more }).batch.map(({ tokens }) => tokens)

describe('planBatch', () => {
  it('waits for a fuller batch until the oldest item has waited long enough, in any order', () => {
    const waiting = [item(1, { arrivedAt: 7 }), item(1, { arrivedAt: 3, level: 2 })]
    expect(planBatch(waiting, limits)).toMatchObject({ batch: waiting, dueAt: 13 })
  })

  it('does not wait when a batch is full, in items or in tokens', () => {
    expect(planBatch(items(1, 1, 1, 1), limits).dueAt).toBe(0)
    expect(planBatch(items(1, 1, 1), limits).dueAt).toBe(10)
    expect(planBatch(items(5, 6), { ...limits, maxBatchTokens: 12 }).dueAt).toBe(10)
    expect(planBatch(items(5, 7), { ...limits, maxBatchTokens: 12 }).dueAt).toBe(0)
  })

  it('sends a preferred size at once, the largest there is, and a full batch rather', () => {
    const preferred = { maxBatchSize: 8, preferredBatchSizes: [2, 4] }
    const plan = (count: number) => planBatch(items(...Array(count).fill(1)), { ...limits, ...preferred })
    const reported = [1, 2, 3, 5, 7, 8].map((count) => [plan(count).batch.length, plan(count).dueAt])
    expect(reported).toEqual([
      [1, 10],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, 0],
      [8, 0],
    ])
  })

  it('counts padded tokens, and lets what is too long go alone', () => {
    expect(lengths(items(3, 5, 3, 3), { maxBatchTokens: 11 })).toEqual([3, 3, 3])
    expect(lengths(items(100, 1), { maxBatchTokens: 11 })).toEqual([100])
  })

  it('fills the token budget to the last token', () => {
    expect(lengths(items(4, 4, 4), { maxBatchTokens: 12 })).toEqual([4, 4, 4])
    expect(lengths(items(4, 4, 4), { maxBatchTokens: 11 })).toEqual([4, 4])
  })

  it('puts lengths together that are alike, around the first', () => {
    const waiting = items(10, 500, 12, 480, 11, 490, 9, 3)
    expect(lengths(waiting)).toEqual([10, 9, 11, 12])
    expect(lengths(waiting.slice(1))).toEqual([500, 490, 480, 12])
    expect(lengths(waiting, { maxPassedOver: 0 })).toEqual([10, 500, 12, 480])
  })

  it('adds least padding first: a longer one makes all before it longer', () => {
    // The longer one adds 3 to each of two items, the shorter one adds 5 to itself; then 3 for one item against 5.
    expect(lengths(items(10, 10, 13, 5), { maxBatchSize: 3 })).toEqual([10, 10, 5])
    expect(lengths(items(10, 13, 5), { maxBatchSize: 2 })).toEqual([10, 13])
  })

  it('leaves behind what would make too much padding, and says whose turn it was', () => {
    const waiting = items(10, 500, 8)
    const plan = planBatch(waiting, { ...limits, maxPaddingShare: 0.25 })
    expect(plan.batch).toEqual([waiting[0], waiting[2]])
    expect(plan.passedOver).toEqual([waiting[1]])
  })

  it('takes who was left behind often enough, whatever its length', () => {
    const waiting = [item(10), item(500, { passedOver: 2 }), item(10), item(10), item(10)]
    expect(lengths(waiting, { maxPaddingShare: 0.25 })).toEqual([10, 500])
  })

  it('takes no lower level while one of a higher fits', () => {
    const low = item(10, { level: 2 })
    expect(planBatch([item(10), item(20), item(90), low], { ...limits, maxPaddingShare: 0.5 }).batch).toEqual(
      [item(10), item(20), low],
    )
    expect(lengths([item(10), item(20), item(30), item(40), low])).toEqual([10, 20, 30, 40])
  })
})

const candidate = fc.record({
  level: fc.integer({ min: 1, max: 3 }),
  arrivedAt: fc.integer({ min: 0, max: 50 }),
  tokens: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 100, max: 130 })),
  passedOver: fc.integer({ min: 0, max: 4 }),
})
/** In queue order, as `planBatch` expects. */
const line = fc
  .array(candidate, { minLength: 1, maxLength: 24 })
  .map((all) => all.sort((a, b) => a.level - b.level || a.arrivedAt - b.arrivedAt))
const anyLimits = fc.record({
  maxBatchSize: fc.integer({ min: 1, max: 8 }),
  maxBatchTokens: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 400 })),
  timeoutMicros: fc.integer({ min: 0, max: 20_000 }),
  preferredBatchSizes: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 2 }),
  maxPaddingShare: fc.double({ min: 0, max: 1, noNaN: true }),
  maxPassedOver: fc.integer({ min: 0, max: 4 }),
})

describe('planBatch, whatever waits', () => {
  it('keeps within its limits, and always takes the first', () => {
    fc.assert(
      fc.property(line, anyLimits, (waiting, given) => {
        const { batch } = planBatch(waiting, given)
        expect(batch[0]).toBe(waiting[0])
        expect(new Set(batch).size).toBe(batch.length)
        expect(batch.length).toBeLessThanOrEqual(given.maxBatchSize)
        if (batch.length > 1) expect(paddedTokens(batch)).toBeLessThanOrEqual(given.maxBatchTokens)
        const isForced = (each: BatchCandidate): boolean => each.passedOver >= given.maxPassedOver
        if (batch.slice(1).some(isForced)) return
        const sum = batch.reduce((total, { tokens }) => total + tokens, 0)
        expect(paddedTokens(batch) - sum).toBeLessThanOrEqual(given.maxPaddingShare * paddedTokens(batch))
      }),
    )
  })

  it('takes due items and those passed over too often, and reports the due items that it skips', () => {
    fc.assert(
      fc.property(line, anyLimits, (waiting, given) => {
        const { batch, passedOver } = planBatch(waiting, { ...given, preferredBatchSizes: [] })
        // The longest prefix of the queue that is within the limits.
        const counts = waiting.map((_, at) => at + 1)
        const isWithin = (count: number): boolean =>
          count === 1 ||
          (count <= given.maxBatchSize && paddedTokens(waiting.slice(0, count)) <= given.maxBatchTokens)
        const turn = waiting.slice(0, Math.max(...counts.filter(isWithin)))
        for (const each of turn) if (each.passedOver >= given.maxPassedOver) expect(batch).toContain(each)
        expect(passedOver).toEqual(turn.filter((each) => !batch.includes(each)))
        if (given.maxPassedOver === 0) expect(batch).toEqual(turn)
      }),
    )
  })

  it('leaves no slot empty that a queued item could use', () => {
    fc.assert(
      fc.property(line, anyLimits, (waiting, given) => {
        const { batch } = planBatch(waiting, { ...given, preferredBatchSizes: [], maxPassedOver: 1 })
        const left = waiting.filter((each) => !batch.includes(each))
        for (const each of left) {
          const more = [...batch, each]
          const padded = paddedTokens(more)
          const sum = more.reduce((total, { tokens }) => total + tokens, 0)
          const fits =
            more.length <= given.maxBatchSize &&
            padded <= given.maxBatchTokens &&
            padded - sum <= given.maxPaddingShare * padded
          // A longer item of a lower level may have used up the padding share for one of a higher level.
          if (fits) expect(batch.some(({ level }) => level > each.level)).toBe(true)
        }
      }),
    )
  })

  it('is first in, first out among those of one level and length', () => {
    fc.assert(
      fc.property(line, anyLimits, (waiting, given) => {
        const { batch } = planBatch(waiting, given)
        const [first] = batch
        for (const later of batch)
          for (const earlier of waiting.slice(0, waiting.indexOf(later))) {
            const isAlike = earlier.level === later.level && earlier.tokens === later.tokens
            if (isAlike && later !== first && later.passedOver < given.maxPassedOver)
              expect(batch).toContain(earlier)
          }
      }),
    )
  })
})
