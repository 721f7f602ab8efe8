import { ManualClock } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission } from './admission.ts'
import type { RelayScheduling } from './upstream.ts'

interface Entrant {
  readonly name: string
}

/** An admission with one replica of this many slots, healthy or not. */
function admission({ places = 1, maxQueue = 2, holdMillis = 0 } = {}) {
  const clock = new ManualClock()
  const room = {
    places,
    taken: 0,
    isWell: true,
    changesAt: undefined as number | undefined,
    picky: undefined as Entrant | undefined,
    /** Until a replica is healthy. */
    wakesIn: undefined as number | undefined,
    requestedAt: [] as number[],
    /** Number of `isAsleep` calls. */
    looks: 0,
  }
  const line = new Admission<Entrant, string>({
    id: 'm',
    clock,
    maxQueue,
    weightOf: undefined,
    agingMillis: undefined,
    seats: {
      take: (entrant) => {
        if (entrant === room.picky || !room.isWell || room.taken >= room.places) return undefined
        room.taken += 1
        return `seat of ${entrant.name}`
      },
      places: () =>
        room.isWell ? { total: room.places, free: room.places - room.taken } : { total: 0, free: 0 },
      changesAt: () => room.changesAt,
      complaint: () => 'it is down',
    },
    holding: {
      millis: holdMillis,
      isAsleep: () => {
        room.looks += 1
        return holdMillis > 0 && !room.isWell
      },
      requested: (now) => room.requestedAt.push(now),
      estimate: () =>
        room.isWell || room.wakesIn === undefined
          ? undefined
          : {
              likelyMillis: room.wakesIn,
              latestMillis: 2 * room.wakesIn,
              basis: 'measured',
              wakes: 3,
              isOverdue: false,
            },
    },
  })
  const entered: string[] = []
  const enter = (name: string, scheduling: RelayScheduling = {}, signal = new AbortController().signal) => {
    const entrant = { name }
    const done = line.enter(entrant, scheduling, 10, signal).then((seat) => {
      entered.push(name)
      return seat
    })
    done.catch(() => {})
    return { entrant, done }
  }
  const leave = (entrant: Entrant): void => {
    room.taken -= 1
    line.left(entrant, { isServed: true })
  }
  return { clock, room, line, entered, enter, leave }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the line', () => {
  it('lets in at once while there is a place, then by urgency and by turns of clients', async () => {
    const { enter, leave, entered, line } = admission({ maxQueue: 9 })
    const first = enter('first', { client: 'a' })
    expect(await first.done).toBe('seat of first')
    const others = [
      enter('a1', { client: 'a' }),
      enter('a2', { client: 'a' }),
      enter('b1', { client: 'b' }),
      enter('urgent', { client: 'a', priority: -1 }),
    ]
    expect(line.waiting).toBe(4)
    leave(first.entrant)
    for (const name of ['urgent', 'b1', 'a1']) {
      await settle()
      expect(entered.at(-1)).toBe(name)
      leave(others.find(({ entrant }) => entrant.name === name)!.entrant)
    }
    await settle()
    expect(entered.at(-1)).toBe('a2')
  })

  it('is bounded, and says when to come back by what requests take', async () => {
    const { enter, leave, clock } = admission()
    const first = enter('first')
    await first.done
    clock.advance(6000)
    leave(first.entrant)
    await enter('second').done
    enter('third')
    enter('fourth')
    await expect(enter('fifth').done).rejects.toMatchObject({
      code: 'upstream_busy',
      status: 429,
      retryAfterSeconds: 18,
    })
  })

  it('lets one go first whose attempt failed, though the line is full', async () => {
    const { enter, line, room, entered } = admission()
    const first = enter('first')
    await first.done
    enter('second')
    enter('third')
    const again = line.enterAgain(first.entrant, new AbortController().signal)
    room.taken -= 1
    line.dispatch()
    expect(await again).toBe('seat of first')
    expect(entered).toEqual(['first'])
  })

  it('lets others pass one who waits for a certain replica', async () => {
    const { enter, line, room, entered } = admission({ places: 2 })
    const first = enter('first')
    await first.done
    room.picky = first.entrant
    room.taken -= 1
    const again = line.enterAgain(first.entrant, new AbortController().signal)
    await enter('second').done
    expect(entered).toEqual(['first', 'second'])
    room.picky = undefined
    line.dispatch()
    expect(await again).toBe('seat of first')
  })

  it('loses those whose clients left', async () => {
    const { enter, leave, entered } = admission()
    const first = enter('first')
    await first.done
    const leaving = new AbortController()
    const second = enter('second', {}, leaving.signal)
    enter('third')
    leaving.abort(new Error('gone'))
    await expect(second.done).rejects.toThrow('gone')
    leave(first.entrant)
    await settle()
    expect(entered).toEqual(['first', 'third'])
  })
})

describe('a deadline', () => {
  it('is refused when it cannot be kept, by what was measured', async () => {
    const { enter, leave, clock } = admission()
    const first = enter('first')
    await first.done
    clock.advance(5000)
    leave(first.entrant)
    await enter('second').done
    await expect(enter('third', { deadlineMillis: 1000 }).done).rejects.toMatchObject({
      code: 'upstream_late',
    })
    enter('fourth', { deadlineMillis: 60_000 })
  })

  it('ends the wait when it has passed', async () => {
    const { enter, clock } = admission()
    await enter('first').done
    const second = enter('second', { deadlineMillis: 500 })
    clock.advance(499)
    await settle()
    clock.advance(1)
    await expect(second.done).rejects.toMatchObject({ code: 'upstream_late', status: 503 })
  })
})

describe('without any replica that is well', () => {
  it('new requests are rejected, and queued ones fail', async () => {
    const { enter, room, line } = admission()
    await enter('first').done
    const second = enter('second')
    room.isWell = false
    line.dispatch()
    await expect(second.done).rejects.toMatchObject({ code: 'upstream_unavailable', status: 503 })
    await expect(enter('third').done).rejects.toThrow('m is unavailable: it is down')
  })

  it('says to come back when one may be well again', async () => {
    const { enter, room } = admission()
    room.isWell = false
    room.changesAt = 3500
    await expect(enter('first').done).rejects.toMatchObject({ retryAfterSeconds: 4 })
  })
})

it('wakes when a replica has rested', async () => {
  const { enter, room, clock } = admission()
  room.taken = 1
  room.changesAt = 2000
  const first = enter('first')
  await settle()
  room.taken = 0
  clock.advance(2000)
  expect(await first.done).toBe('seat of first')
})

describe('while a model sleeps', () => {
  it('those who come are held until a replica is well, and go then by turns', async () => {
    const { enter, leave, entered, room, line, clock } = admission({ maxQueue: 9, holdMillis: 60_000 })
    room.isWell = false
    const first = enter('a1', { client: 'a' })
    enter('a2', { client: 'a' })
    enter('b1', { client: 'b' })
    clock.advance(30_000)
    await settle()
    expect([line.held, line.waiting, entered.length]).toEqual([3, 3, 0])
    expect(room.requestedAt.at(0)).toBe(0)
    room.isWell = true
    line.dispatch()
    await first.done
    expect(line.held).toBe(0)
    leave(first.entrant)
    await settle()
    expect(entered).toEqual(['a1', 'b1'])
  })

  it('a wake that never comes ends each by its own time, and says how long it waited', async () => {
    const { enter, room, clock, line } = admission({ holdMillis: 60_000 })
    room.isWell = false
    const first = enter('first')
    clock.advance(20_000)
    const second = enter('second')
    clock.advance(40_000)
    await expect(first.done).rejects.toMatchObject({
      code: 'upstream_unavailable',
      message: 'm is unavailable: after 1m 0s of waiting, it is down',
    })
    expect(line.held).toBe(1)
    clock.advance(20_000)
    await expect(second.done).rejects.toThrow('after 1m 0s of waiting')
  })

  it('who is turned away hears when it will be there', async () => {
    const { enter, room } = admission({ maxQueue: 1, holdMillis: 60_000 })
    room.isWell = false
    room.wakesIn = 30_000
    enter('first')
    await expect(enter('second').done).rejects.toMatchObject({
      code: 'upstream_busy',
      retryAfterSeconds: 60,
    })
    await expect(enter('third', { deadlineMillis: 29_000 }).done).rejects.toMatchObject({
      code: 'upstream_late',
      retryAfterSeconds: 60,
    })
  })

  it('a deadline counts while one is held, and a client that leaves leaves', async () => {
    const { enter, room, clock, line } = admission({ holdMillis: 60_000 })
    room.isWell = false
    const late = enter('late', { deadlineMillis: 5000 })
    const leaving = new AbortController()
    const gone = enter('gone', {}, leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(gone.done).rejects.toThrow('gone')
    clock.advance(5000)
    await expect(late.done).rejects.toMatchObject({ code: 'upstream_late' })
    expect(line.waiting).toBe(0)
  })

  it('one whose replica died is held as long as it may be in all', async () => {
    const { enter, room, clock, line } = admission({ holdMillis: 60_000 })
    const first = enter('first')
    await first.done
    clock.advance(50_000)
    room.isWell = false
    room.taken = 0
    expect(line.holds(first.entrant)).toBe(true)
    const again = line.enterAgain(first.entrant, new AbortController().signal)
    expect([line.waiting, line.held]).toEqual([1, 1])
    clock.advance(10_000)
    await expect(again).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('a thousand who come, leave or wait in vain are each looked at a few times', async () => {
    const { clock, enter, line, room } = admission({ maxQueue: 1000, holdMillis: 10_000 })
    room.isWell = false
    const left = new AbortController()
    const come = (count: number, signal: AbortSignal) =>
      Array.from({ length: count }, (_, index) => {
        clock.advance(1)
        return enter(`e${index}`, {}, signal).done
      })
    const leaving = come(500, left.signal)
    const staying = come(500, new AbortController().signal)
    left.abort(new Error('gone'))
    await Promise.allSettled(leaving)
    expect(line.waiting).toBe(500)
    for (let count = 0; count < 11; count += 1) {
      clock.advance(1000)
      await settle()
    }
    expect(await Promise.allSettled(staying)).toMatchObject(staying.map(() => ({ status: 'rejected' })))
    expect(line.waiting).toBe(0)
    expect(room.looks).toBeLessThan(20 * 1000)
  })

  it('requests fail at once when healthy replicas are paused for longer than the hold time', async () => {
    const { enter, room, line } = admission({ holdMillis: 60_000 })
    const { places } = room
    room.changesAt = 90_000
    room.places = 0
    await expect(enter('first').done).rejects.toMatchObject({ code: 'upstream_unavailable' })
    room.changesAt = 30_000
    const second = enter('second')
    room.places = places
    line.dispatch()
    await second.done
  })
})

it('no request is held too long, lost, or admitted without a free slot, in any sequence of events', async () => {
  const deadlineMillis = fc.option(fc.nat(90_000), { nil: undefined })
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('enter' as const), deadlineMillis }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom('leave', 'fail', 'desert', 'sleep', 'sleep', 'wake') }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), millis: fc.nat(40_000) }) },
  )
  const holdMillis = 60_000
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const { clock, room, line, enter, leave } = admission({ places: 2, maxQueue: 4, holdMillis })
      const open = new Map<Entrant, { since: number; leaving: AbortController; isSeated: boolean }>()
      let [entered, settled] = [0, 0]
      const follow = (entrant: Entrant, mine: { isSeated: boolean }, done: Promise<unknown>): void =>
        void done.then(
          () => {
            mine.isSeated = true
          },
          () => {
            settled += 1
            open.delete(entrant)
          },
        )
      const come = (deadlineMillis: number | undefined): void => {
        const leaving = new AbortController()
        const scheduling = deadlineMillis === undefined ? {} : { deadlineMillis }
        const { entrant, done } = enter(`e${entered}`, scheduling, leaving.signal)
        const mine = { since: clock.now(), leaving, isSeated: false }
        open.set(entrant, mine)
        entered += 1
        follow(entrant, mine, done)
      }
      for (const each of steps) {
        const seated = [...open].find(([, { isSeated }]) => isSeated)
        const waiting = [...open.values()].find(({ isSeated }) => !isSeated)
        if (each.kind === 'enter') come(each.deadlineMillis)
        else if (each.kind === 'wait') clock.advance(each.millis)
        else if (each.kind === 'leave' && seated !== undefined) {
          open.delete(seated[0])
          settled += 1
          leave(seated[0])
        } else if (each.kind === 'fail' && seated !== undefined) {
          const [entrant, mine] = seated
          mine.isSeated = false
          room.taken -= 1
          follow(entrant, mine, line.enterAgain(entrant, mine.leaving.signal))
        } else if (each.kind === 'desert') waiting?.leaving.abort(new Error('gone'))
        else if (each.kind === 'sleep' || each.kind === 'wake') {
          room.isWell = each.kind === 'wake'
          line.dispatch()
        }
        await settle()
        expect(room.taken).toBeLessThanOrEqual(room.places)
        const unseated = [...open.values()].filter(({ isSeated }) => !isSeated)
        expect(line.waiting).toBe(unseated.length)
        expect(line.held).toBe(room.isWell ? 0 : unseated.length)
        if (!room.isWell)
          for (const { since } of unseated) expect(clock.now() - since).toBeLessThan(holdMillis)
      }
      room.isWell = true
      line.dispatch()
      for (await settle(); open.size > 0; await settle()) {
        const [entrant] = [...open].find(([, { isSeated }]) => isSeated)!
        open.delete(entrant)
        settled += 1
        leave(entrant)
      }
      expect(settled).toBe(entered)
    }),
  )
})
