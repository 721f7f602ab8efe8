import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeRanks, type RankEnd, type RankState, usualWindows } from './judge-ranks.ts'

const { firstMillis, settleMillis } = usualWindows

const timeout = 10_000
const now = 1_000_000

const alive = (rank: number, silentMillis = 0, more: Partial<RankState> = {}): RankState => ({
  rank,
  step: 12,
  heardMillis: now - silentMillis,
  openedMillis: now - 9 * timeout,
  isWatched: true,
  isSuspended: false,
  end: undefined,
  ...more,
})

const ended = (rank: number, end: Partial<RankEnd>, more: Partial<RankState> = {}): RankState =>
  alive(rank, 0, {
    end: { atMillis: now - 1000, code: 1, signal: null, isProper: false, errorCode: undefined, ...end },
    ...more,
  })

const judge = (...states: RankState[]): unknown => judgeRanks(states, now, timeout)
const running = { kind: 'running' }
const failed = (rank: number): unknown => ({ kind: 'failed', rank })
const hangs = (...ranks: number[]): unknown => ({ kind: 'hangs', ranks })
const proper = { code: 0, isProper: true }
const lost = { errorCode: 'tensor_distributed_peer_lost' }
const joinFailed = { errorCode: 'tensor_distributed_join_failed' }
const diverged = { errorCode: 'train_diverged' }

describe('a job', () => {
  it('goes on while its ranks do, and ended well when all did', () => {
    expect(judge(alive(0), alive(1))).toEqual(running)
    expect(judge(ended(0, proper), alive(1))).toEqual(running)
    expect(judge(ended(0, proper), ended(1, { code: 143, isProper: true }))).toEqual({ kind: 'ended' })
  })

  it('fails by the killed rank, not by ranks that failed along with it', () => {
    expect(judge(alive(0), ended(1, { code: null, signal: 'SIGKILL' }))).toEqual(failed(1))
    expect(
      judge(ended(0, { ...lost, atMillis: now - 5000 }), ended(1, { code: null, signal: 'SIGSEGV' })),
    ).toEqual(failed(1))
  })

  it('is ended by the rank that failed of itself, not by those that lost it', () => {
    const first = ended(0, { ...lost, atMillis: now - 2000 })
    expect(judge(first, ended(1, { code: 3 }))).toEqual(failed(1))
    expect(judge(first, alive(1, 0, { isWatched: false }))).toEqual(failed(0))
    expect(judge(first, ended(1, lost))).toEqual(failed(0))
  })

  it('is given a moment, for those that failed first are not always those to name', () => {
    const soon = ended(0, { atMillis: now - settleMillis + 1 })
    expect(judge(soon, alive(1))).toEqual(running)
    expect(judge({ ...soon, end: { ...soon.end!, atMillis: now - settleMillis } }, alive(1))).toEqual(
      failed(0),
    )
    expect(judge(soon, ended(1, proper))).toEqual(failed(0))
  })

  it('that never began is spoken for by rank 0, if that failed, too', () => {
    const fresh = { step: undefined }
    const both = [ended(1, { atMillis: now - 2000 }, fresh), ended(0, {}, fresh)]
    expect(judge(...both)).toEqual(failed(0))
    expect(judge(...both.map((state) => ({ ...state, step: 3 })))).toEqual(failed(1))
  })
})

describe('an error that all meet', () => {
  it('is reported from the lowest rank that hit it, even when another was faster', () => {
    const other = ended(1, { ...diverged, atMillis: now - 2000 })
    expect(judge(ended(0, diverged), other)).toEqual(failed(0))
    expect(judge(ended(0, lost), other)).toEqual(failed(1))
    expect(judge(ended(0, { errorCode: 'train_checkpoint_unwritten' }), other)).toEqual(failed(1))
    expect(judge(ended(0, { code: 3 }), ended(1, { code: 3, atMillis: now - 2000 }))).toEqual(failed(1))
  })

  it('is waited for while the first may come to it, and not for ever', () => {
    expect(judge(alive(0), ended(1, diverged))).toEqual(running)
    expect(judge(alive(0), ended(1, { code: 3 }))).toEqual(failed(1))
    expect(judge(ended(0, proper), alive(1), ended(2, diverged))).toEqual(failed(2))
    expect(judge(alive(0), ended(1, { ...diverged, atMillis: now - firstMillis }))).toEqual(failed(1))
  })
})

describe('a rank that cannot meet the others', () => {
  const fresh = { step: undefined, isWatched: false, openedMillis: now - 3000 }

  it('ended the job if it did not even wait for them', () => {
    const first = ended(0, joinFailed, fresh)
    expect(judge(first, alive(1, 0, fresh))).toEqual(failed(0))
    expect(judge(first, alive(1, 0, { ...fresh, openedMillis: undefined }))).toEqual(failed(0))
    expect(judge(first, ended(1, { ...joinFailed, atMillis: now - 2000 }, fresh))).toEqual(failed(0))
  })

  it('did not if one that it met failed of itself', () => {
    expect(judge(ended(0, joinFailed, fresh), ended(1, { code: 3 }, fresh))).toEqual(failed(1))
  })
})

describe('a rank that hangs', () => {
  it('is found by its silence while others go on', () => {
    expect(judge(alive(0, 100), alive(1, timeout - 1))).toEqual(running)
    expect(judge(alive(0, 100), alive(1, timeout))).toEqual(hangs(1))
  })

  it('is found although others wait for it as silently', () => {
    expect(judge(alive(0, timeout), alive(1, timeout, { isSuspended: true }))).toEqual(hangs(1))
    expect(judge(ended(0, lost), alive(1, timeout))).toEqual(hangs(1))
    expect(judge(ended(0, lost), alive(1, 200))).toEqual(hangs(1))
  })

  it('is found where all others wait for it to come', () => {
    const came = { isWatched: false, step: undefined }
    const failed = ended(0, joinFailed, came)
    expect(judge(failed, alive(1, 0, came), alive(2, 0, { ...came, openedMillis: undefined }))).toEqual(
      hangs(2),
    )
  })

  it('is reported as all ranks when the cause is unknown', () => {
    expect(judge(alive(0, timeout + 50), alive(1, timeout))).toEqual(running)
    expect(judge(alive(0, 1.5 * timeout + 1000), alive(1, 1.5 * timeout))).toEqual(hangs(0, 1))
  })

  it('is none that loads, or exports what it trained', () => {
    expect(judge(alive(0, 9 * timeout, { isWatched: false }), ended(1, proper))).toEqual(running)
  })
})

it('names only ranks that failed or were silent, and says that all is well only where it is', () => {
  const end = fc.record({
    atMillis: fc.integer({ min: now - 2000, max: now }),
    code: fc.constantFrom(0, 1, 3),
    signal: fc.constantFrom(null, 'SIGKILL' as const),
    isProper: fc.boolean(),
    errorCode: fc.constantFrom(
      undefined,
      'tensor_distributed_peer_lost',
      'tensor_distributed_join_failed',
      'train_diverged',
    ),
  })
  const state = fc.record({
    step: fc.option(fc.nat(20), { nil: undefined }),
    heardMillis: fc.integer({ min: now - 3 * timeout, max: now }),
    openedMillis: fc.option(fc.integer({ min: now - 3 * timeout, max: now }), { nil: undefined }),
    isWatched: fc.boolean(),
    isSuspended: fc.boolean(),
    end: fc.option(end, { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(state, { minLength: 1, maxLength: 5 }), (given) => {
      const states = given.map((each, rank) => ({ ...each, rank }))
      const verdict = judgeRanks(states, now, timeout)
      const bad = states.filter((each) => each.end && !each.end.isProper)
      const isOver = states.every((each) => each.end)
      if (verdict.kind === 'ended') expect([isOver, bad]).toEqual([true, []])
      else if (verdict.kind === 'failed') expect(bad).toContain(states[verdict.rank])
      else if (verdict.kind === 'hangs')
        for (const rank of verdict.ranks)
          expect(states[rank]).toSatisfy(
            (each: RankState) => !each.end && (each.isWatched || each.openedMillis === undefined),
          )
      // A rank still waiting must have another one to wait for.
      else expect(isOver).toBe(false)
    }),
    { numRuns: 500 },
  )
})
