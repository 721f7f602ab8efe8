import { createLogger, ManualClock } from '@hadal/base'
import type { Dispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import type { WakeRecord } from './estimate-wake.ts'
import { Sleep } from './sleep.ts'

/** A model without replicas and with waiting requests. */
function sleeping(holdMillis = 600_000, discover?: object) {
  const clock = new ManualClock()
  const state = { noneIsThere: true, wereChecked: true, waiting: 0 }
  const lines: string[] = []
  const kept: (readonly WakeRecord[])[] = []
  const sleep = new Sleep(
    { id: 'm', model: 'm', holdMillis, wakeMillis: 90_000, discover },
    {
      clock,
      logger: createLogger((_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`)),
      dispatcher: {} as Dispatcher,
      headers: {},
      memory: { read: () => [], write: (records) => void kept.push(records) },
      signal: new AbortController().signal,
      noneIsThere: () => state.noneIsThere,
      allWereChecked: () => state.wereChecked,
      waiting: () => state.waiting,
      complaint: () => 'no replica was found',
    },
  )
  return { sleep, clock, state, lines, kept }
}

describe('a model that sleeps', () => {
  it('is not forgotten while one waits for it, however long nothing else happens', () => {
    const { sleep, clock, state, kept, lines } = sleeping()
    sleep.requested(clock.now())
    state.waiting = 1
    clock.advance(200_000)
    sleep.requested(clock.now())
    expect(lines).toHaveLength(1)
    clock.advance(150_000)
    // Its replica is discovered, and all requests are released, before it is known to be healthy.
    sleep.changed()
    state.waiting = 0
    clock.advance(20)
    state.noneIsThere = false
    sleep.changed()
    expect(kept.at(-1)).toEqual([{ at: 350_020, wholeMillis: 350_020 }])
  })

  it('is when all who waited have long left', () => {
    const { sleep, clock, state, kept, lines } = sleeping()
    sleep.requested(clock.now())
    clock.advance(200_000)
    sleep.requested(clock.now())
    expect(lines).toHaveLength(2)
    clock.advance(200_000)
    state.noneIsThere = false
    sleep.changed()
    expect(kept).toEqual([])
  })

  it('gets a fresh estimate after a long time without requests', () => {
    const { sleep, clock } = sleeping()
    sleep.requested(clock.now())
    clock.advance(100_000)
    expect(sleep.estimate(clock.now())).toMatchObject({ isOverdue: true })
    clock.advance(3_600_000)
    expect(sleep.estimate(clock.now())).toMatchObject({ likelyMillis: 90_000, isOverdue: false })
  })

  it('is judged by all of its time while one waits for it', () => {
    const { sleep, clock, state } = sleeping()
    sleep.requested(clock.now())
    state.waiting = 1
    clock.advance(200_000)
    expect(sleep.estimate(clock.now())).toMatchObject({ likelyMillis: 200_000, isOverdue: true })
  })

  it('says when requests begin to wait, for how long, and how long it took', () => {
    const { sleep, clock, state, lines } = sleeping()
    sleep.requested(clock.now())
    state.waiting = 1
    sleep.found(1, 0)
    clock.advance(30_000)
    state.noneIsThere = false
    sleep.changed()
    expect(lines).toEqual([
      'no replica is well: requests wait for one {"upstream":"m","why":"no replica was found","atMost":"10m 0s","likely":"1m 30s"}',
      'a replica came up for those who wait {"upstream":"m","took":"30.0 s","startTook":"30.0 s"}',
    ])
    expect(sleep.snapshot()).toMatchObject({ estimate: undefined, wakes: 1 })
  })

  it('did not sleep where its gateway has only just begun to look', () => {
    const { sleep, clock, state, kept, lines } = sleeping(600_000, { srv: 'x' })
    sleep.requested(clock.now())
    clock.advance(30)
    sleep.found(0, 1)
    state.wereChecked = false
    sleep.requested(clock.now())
    state.noneIsThere = false
    sleep.changed()
    expect([kept, lines]).toEqual([[], []])
    state.noneIsThere = true
    state.wereChecked = true
    sleep.requested(clock.now())
    expect(lines).toHaveLength(1)
  })

  it('does where nothing was found for long', () => {
    const { sleep, clock, lines } = sleeping(600_000, { srv: 'x' })
    clock.advance(10_000)
    sleep.requested(clock.now())
    expect(lines).toHaveLength(1)
  })

  it('never counts as asleep when no requests are held', () => {
    const { sleep, clock } = sleeping(0)
    expect(sleep.isAsleep()).toBe(false)
    expect(sleep.estimate(clock.now())).toBeUndefined()
  })
})
