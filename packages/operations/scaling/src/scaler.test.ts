import { createLogger, ManualClock } from '@hadal/base'
import { type Observation, type ScalingPolicy, type ScalingState, scalingPolicyOf } from '@hadal/fleet'
import { describe, expect, it } from 'vitest'
import { laptop } from '../../fleet/test/deployments.ts'
import { type Acted, createScaler, ownMemory, repeat, type Scaler } from './scaler.ts'

const policy: ScalingPolicy = scalingPolicyOf(laptop, 1000)
const never = new AbortController().signal
const start = 1_000_000

interface Given {
  readonly act?: () => Promise<Acted>
  readonly write?: () => void
  readonly observe?: () => Observation
}

/** A scaler of two engines that are busy, with what happened to it in order. */
function busyScaler(given: Given = {}): { scaler: Scaler; happened: string[]; state: () => ScalingState } {
  const clock = new ManualClock(start)
  const happened: string[] = []
  const memory = ownMemory()
  const fresh = (value: number) => ({ at: start, value })
  const scaler = createScaler({
    model: 'nano',
    target: 'engines of a test',
    policy,
    clock,
    log: createLogger((level, message) => void happened.push(`${level} ${message}`)),
    observe: async () =>
      given.observe?.() ?? {
        now: start,
        replicas: 2,
        readyReplicas: 2,
        busyPercent: fresh(180),
        backlog: fresh(0),
        latencyP99Millis: fresh(10),
      },
    async act({ to }) {
      happened.push(`act ${to}`)
      return given.act?.() ?? 'done'
    },
    memory: {
      read: memory.read,
      async write(state, signal) {
        given.write?.()
        happened.push(`keep ${state.lastUpAt ?? 'nothing'}`)
        await memory.write(state, signal)
      },
    },
  })
  return { scaler, happened, state: memory.read }
}

describe('a scaler', () => {
  it('keeps what it decided before it does it', async () => {
    const { scaler, happened } = busyScaler()
    expect(await scaler.step(never)).toMatchObject({ action: 'up', to: 3 })
    expect(happened.slice(0, 2)).toEqual([`keep ${start}`, 'act 3'])
  })

  it('does nothing where it may not keep it', async () => {
    const { scaler, happened } = busyScaler({
      write: () => {
        throw new Error('another leads')
      },
    })
    expect(await scaler.step(never)).toBeUndefined()
    expect(happened).toEqual(['warn nano: scaling from 2 to 3 engines failed: another leads'])
    expect(scaler.status().fault).toBe('scaling from 2 to 3 engines failed: another leads')
  })

  it.each<[string, () => Promise<Acted>]>([
    ['could not be done', () => Promise.reject(new Error('no'))],
    ['was not to be done', async () => 'left'],
    ['was overtaken', async () => 'changed'],
  ])('keeps nothing of a change that %s', async (_what, act) => {
    const { scaler, state } = busyScaler({ act })
    await scaler.step(never)
    expect(state()).toMatchObject({ replicas: 2 })
    expect(state().lastUpAt).toBeUndefined()
  })

  it('reports the same error once, and then its recovery', async () => {
    let isAway = true
    const { scaler, happened } = busyScaler({
      observe: () => {
        if (isAway) throw new Error('nobody knows')
        const nothing = { missing: 'nothing' }
        return { now: start, replicas: 2, readyReplicas: 2, busyPercent: nothing, backlog: nothing }
      },
    })
    for (let look = 0; look < 3; look++) await scaler.step(never)
    isAway = false
    await scaler.step(never)
    expect(happened.filter((each) => /warn|recovered/.test(each))).toEqual([
      'warn nano: no decision: nobody knows',
      'info nano: recovered; decisions continue',
    ])
  })

  it('has one entry of what holds for the same reason, with its newest figures', async () => {
    let waits = 0
    const { scaler } = busyScaler({
      observe: () => ({
        now: start + waits * 1000,
        replicas: 2,
        readyReplicas: 2,
        busyPercent: { at: start, value: 100 },
        backlog: { at: start, value: ++waits },
      }),
    })
    for (let look = 0; look < 5; look++) await scaler.step(never)
    const { decisions } = scaler.status()
    expect(decisions).toHaveLength(1)
    expect(decisions[0]).toMatchObject({ reason: 'steady', since: start, at: start + 4000 })
    expect(decisions[0]!.signals[1]).toMatchObject({ value: 5 })
    scaler.recall([{ ...decisions[0]!, at: start - 5 }])
    expect(scaler.status().decisions.map(({ at }) => at)).toEqual([start - 5, start + 4000])
  })
})

it('records an external change even when the reason to hold is the same', async () => {
  let looks = 0
  const { scaler } = busyScaler({
    observe: () => ({
      now: start,
      replicas: looks++ === 0 ? 4 : 2,
      readyReplicas: 2,
      busyPercent: { at: start, value: 100 },
      backlog: { at: start, value: 0 },
    }),
  })
  for (let look = 0; look < 4; look++) await scaler.step(never)
  expect(scaler.status().decisions.map(({ text }) => text)).toEqual([
    '4 engines: each is 50 % busy, 0 requests queued',
    '2 engines (changed externally from 4): each is 50 % busy, 0 requests queued',
    '2 engines: each is 50 % busy, 0 requests queued',
  ])
})

it('says what it holds by first, also where the one before it held for the same reason', async () => {
  const observe = (): Observation => ({
    now: start,
    replicas: 2,
    readyReplicas: 2,
    busyPercent: { at: start, value: 100 },
    backlog: { at: start, value: 0 },
  })
  const { scaler: before } = busyScaler({ observe })
  await before.step(never)
  const { scaler, happened } = busyScaler({ observe })
  scaler.recall(before.status().decisions)
  await scaler.step(never)
  await scaler.step(never)
  expect(happened.filter((each) => each.startsWith('info'))).toEqual([
    'info nano: 2 engines: each is 50 % busy, 0 requests queued',
  ])
})

it('polls until the signal, which is no error, but fails on one', async () => {
  const stop = new AbortController()
  const clock = new ManualClock()
  let looks = 0
  const look = async (): Promise<void> => {
    looks += 1
  }
  const end = repeat(look, 100, stop.signal, clock)
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
  }
  stop.abort('SIGTERM')
  await end
  expect(looks).toBeGreaterThanOrEqual(4)
  await expect(
    repeat(() => Promise.reject(new Error('a fault')), 100, new AbortController().signal),
  ).rejects.toThrow()
})
