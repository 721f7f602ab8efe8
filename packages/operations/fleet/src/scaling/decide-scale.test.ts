import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideScale } from './decide-scale.ts'
import type { ScaleDecision, ScalingState } from './decision.ts'
import type { Observation, Reading } from './observation.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

const minute = 60_000
const policy: ScalingPolicy = {
  minReplicas: 1,
  maxReplicas: 20,
  highPercent: 70,
  lowPercent: 30,
  lowForMillis: 5 * minute,
  backlogPerReplica: 10,
  latencyMillis: 500,
  latencyForMillis: minute,
  upCooldownMillis: minute,
  downCooldownMillis: 5 * minute,
  staleAfterMillis: 2 * minute,
  scaleToZero: false,
  startMillis: minute,
  predict: 'none',
}
const start = 1_700_000_000_000

interface Load {
  readonly busy?: number
  readonly waiting?: number
  readonly p99?: number
  readonly demand?: number
}

function seen(now: number, replicas: number, load: Load = {}, more: Partial<Observation> = {}): Observation {
  const { busy = 0, waiting = 0, p99 = 100, demand = 1 } = load
  return {
    now,
    replicas,
    readyReplicas: replicas,
    busyPercent: { at: now, value: busy },
    backlog: { at: now, value: waiting },
    latencyP99Millis: { at: now, value: p99 },
    demand: { at: now, value: demand },
    ...more,
  }
}

/** Looks every 15 seconds at the same load, and does what is decided. */
function watch(
  rules: ScalingPolicy,
  replicas: number,
  load: (now: number, replicas: number) => Observation,
  millis: number,
  state: ScalingState = {},
): { readonly decisions: readonly ScaleDecision[]; readonly replicas: number; readonly state: ScalingState } {
  const decisions: ScaleDecision[] = []
  for (let now = start; now <= start + millis; now += 15_000) {
    const decided = decideScale(rules, state, load(now, replicas))
    state = decided.state
    replicas = decided.decision.to
    decisions.push(decided.decision)
  }
  return { decisions, replicas, state }
}

const changes = (decisions: readonly ScaleDecision[]): readonly ScaleDecision[] =>
  decisions.filter(({ action }) => action !== 'hold')
const once = (observation: Observation, rules: ScalingPolicy = policy, state: ScalingState = {}) =>
  decideScale(rules, state, observation).decision

describe('more engines', () => {
  it('come above 70 % of each, and not at 70', () => {
    expect(once(seen(start, 4, { busy: 280 }))).toMatchObject({ action: 'hold', reason: 'steady' })
    expect(once(seen(start, 4, { busy: 384 }))).toMatchObject({
      to: 6,
      reason: 'busy',
      text: '4 to 6 engines: each is 96 % busy, above 70 %',
    })
  })

  it('come when more than 10 requests wait for each', () => {
    expect(once(seen(start, 2, { waiting: 20 }))).toMatchObject({ action: 'hold', reason: 'steady' })
    expect(once(seen(start, 2, { waiting: 35 }))).toMatchObject({ to: 4, reason: 'backlog' })
  })

  it('come no more than doubled, or four, at a time', () => {
    expect(once(seen(start, 1, { waiting: 900 }))).toMatchObject({
      to: 5,
      text: '1 to 5 engines: 900 requests queued, more than 10 per engine; 90 are needed, but this is the largest step',
    })
    expect(once(seen(start, 8, { waiting: 900 }))).toMatchObject({ to: 16 })
    expect(once(seen(start, 16, { waiting: 900 }))).toMatchObject({ to: 20 })
    expect(once(seen(start, 20, { waiting: 900 }))).toMatchObject({ action: 'hold', reason: 'at_max' })
  })

  it('are not said to be 30 % busy and below 30 %', () => {
    const low = { lowSince: start - 6 * minute, seenAt: start - 15_000, replicas: 4 }
    expect(once(seen(start, 4, { busy: 118.4 }), policy, low).text).toContain(
      'each is 29.6 % busy, below 30 %',
    )
    expect(once(seen(start, 4, { busy: 280.2 })).text).toContain('each is 70.05 % busy, above 70 %')
    expect(once(seen(start, 4, { busy: 280 })).text).toContain('each is 70 % busy')
  })

  it('say what keeps them from being as many as are wanted', () => {
    const text = (maxReplicas: number): string =>
      once(seen(start, 3, { waiting: 900 }), { ...policy, maxReplicas }).text
    expect(text(20)).toMatch(/^3 to 7 engines: 900 .*; 90 are needed, but this is the largest step$/)
    expect(text(4)).toMatch(/^3 to 4 engines: 900 .*; 90 are needed, but the maximum is 4$/)
  })

  it('come when answers of engines that work are late for a minute', () => {
    const late = watch(policy, 4, (now, replicas) => seen(now, replicas, { busy: 240, p99: 900 }), 90_000)
    expect(changes(late.decisions)).toMatchObject([{ at: start + minute, to: 5, reason: 'latency' }])
    const idle = watch(policy, 4, (now, replicas) => seen(now, replicas, { busy: 40, p99: 900 }), 90_000)
    expect(changes(idle.decisions)).toEqual([])
  })

  it('come for late answers where a request waits, also of engines that are idle', () => {
    const late = watch(
      policy,
      4,
      (now, replicas) => seen(now, replicas, { busy: 40, waiting: 1, p99: 900 }),
      90_000,
    )
    expect(changes(late.decisions)).toMatchObject([{ to: 5, reason: 'latency' }])
  })

  it('are wanted by the signals that ask for them, each as many as it asks for', () => {
    expect(once(seen(start, 2, { busy: 60, waiting: 35 })).signals).toEqual(
      expect.arrayContaining([
        { name: 'busy', value: 60 },
        { name: 'backlog', value: 35, wants: 4 },
      ]),
    )
    expect(once(seen(start, 4, { busy: 384 })).signals).toContainEqual({ name: 'busy', value: 384, wants: 6 })
  })

  it('are requested only once, even if they are slow to start', () => {
    const { decisions } = watch(
      policy,
      4,
      (now, replicas) => seen(now, replicas, { busy: 400 }, { readyReplicas: 4 }),
      20 * minute,
    )
    expect(changes(decisions)).toMatchObject([{ from: 4, to: 6 }])
    expect(decisions.at(-1)).toMatchObject({ reason: 'starting' })
  })

  it('that start are waited for while the line grows: at most four times as many, or four more, as answer', () => {
    // One answers, and each minute a hundred more wait.
    const growing = (now: number, replicas: number) =>
      seen(now, replicas, { busy: 100, waiting: (now - start) / 600 }, { readyReplicas: 1 })
    const { decisions } = watch(policy, 1, growing, 20 * minute)
    expect(changes(decisions)).toMatchObject([
      { to: 2, reason: 'busy' },
      { to: 5, reason: 'backlog' },
    ])
    expect(decisions.at(-1)).toMatchObject({
      reason: 'starting',
      text: '5 engines: 2000 requests queued; 1 is ready, the others are starting',
    })
  })

  it('that start are at most four times as many as answer', () => {
    expect(once(seen(start, 6, { waiting: 900 }, { readyReplicas: 2 }))).toMatchObject({ to: 8 })
  })

  it('do not come for a line that is gone before they could answer', () => {
    const lines = (perLook: number) => {
      const waitingAt = (now: number): number => 400 - ((now - start) / 15_000) * perLook
      const busy = { busy: 120 }
      return watch(policy, 2, (now, count) => seen(now, count, { ...busy, waiting: waitingAt(now) }), minute)
    }
    // In a minute another could answer. The first look does not know yet.
    expect(changes(lines(200).decisions.slice(1))).toEqual([])
    expect(lines(100).decisions.at(1)!.text).toBe(
      '6 engines: each is 20 % busy, 300 requests queued, but the queue will be empty in 45.0 s',
    )
    expect(changes(lines(10).decisions.slice(1))).not.toEqual([])
  })

  it('do not come while a line shrinks and others are about to help', () => {
    const shrinking = (now: number, count: number) =>
      seen(now, count, { busy: 300, waiting: 900 - (now - start) / 1000 }, { readyReplicas: 3 })
    const state = { replicas: 4, seenAt: start - 15_000, waiting: 915, waitingAt: start - 15_000 }
    const { decisions } = watch(policy, 5, shrinking, 5 * minute, state)
    expect(changes(decisions)).toEqual([])
    expect(decisions.at(-1)).toMatchObject({ reason: 'starting' })
  })

  it('that start are waited for while answers are late', () => {
    const late = (now: number, replicas: number) =>
      seen(now, replicas, { busy: 240, p99: 900 }, { readyReplicas: 4 })
    expect(changes(watch(policy, 4, late, 60 * minute).decisions)).toMatchObject([{ from: 4, to: 5 }])
  })

  it('that load keep a GPU busy, and are not taken for work of the others', () => {
    const loading = (now: number, replicas: number) =>
      seen(now, replicas, { busy: 240 + 100 * (replicas - 4) }, { readyReplicas: 4 })
    expect(changes(watch(policy, 6, loading, 60 * minute).decisions)).toEqual([])
  })

  it('are not taken away and added in turn where answers are late whatever there are', () => {
    const inherently = (now: number, replicas: number) => seen(now, replicas, { busy: 110, p99: 900 })
    const { decisions, replicas, state } = watch(policy, 2, inherently, 5 * 60 * minute)
    expect(changes(decisions)).toMatchObject([{ to: 3, reason: 'latency' }])
    // Less work lets them go all the same.
    const night = (now: number, count: number) => seen(now + 5 * 60 * minute, count, { busy: 20, p99: 900 })
    expect(watch(policy, replicas, night, 60 * minute, state).replicas).toBe(1)
  })

  it('are not taken away and added in turn where fewer would be late', () => {
    const daily = (now: number, replicas: number) =>
      seen(now, replicas, { busy: 58, p99: replicas === 1 ? 900 : 100 })
    const { decisions } = watch(policy, 2, daily, 5 * 60 * minute)
    expect(changes(decisions)).toMatchObject([{ to: 1 }, { to: 2 }])
    expect(decisions.at(-1)!.text).toBe(
      '2 engines: each is 29 % busy, and fewer engines would miss the latency target, as they did at 58 % busy',
    )
  })

  it('are not taken away and added in turn where use wavers about what makes answers late', () => {
    // Between 44 and 58 % of one engine, in no step with the looks.
    const use = (now: number): number => 51 + 7 * Math.sin((now - start) / 47_000)
    const wavers = (now: number, replicas: number) => {
      const busy = use(now)
      return seen(now, replicas, { busy, p99: replicas === 1 ? 900 : 100 })
    }
    const slow = { ...policy, latencyForMillis: 30_000 }
    expect(changes(watch(slow, 2, wavers, 5 * 60 * minute).decisions).length).toBeLessThanOrEqual(6)
  })

  it('come before the load by a forecast, which takes none away', () => {
    const forecast = { busyPercent: 500, why: 'as yesterday at this time, 1.00 times as much' }
    expect(once(seen(start, 4, { busy: 160 }, { forecast }))).toMatchObject({ to: 8, reason: 'forecast' })
    const stays = watch(
      policy,
      8,
      (now, replicas) => seen(now, replicas, { busy: 10 }, { forecast }),
      60 * minute,
    )
    expect(changes(stays.decisions)).toEqual([])
    expect(stays.decisions.at(-1)?.text).toContain('kept for the forecast')
  })

  it('are idle only from when a forecast lets them go', () => {
    const until = start + 10 * minute
    const { decisions } = watch(
      policy,
      2,
      (now, count) =>
        seen(now, count, {}, now < until ? { forecast: { busyPercent: 130, why: 'as yesterday' } } : {}),
      20 * minute,
    )
    expect(changes(decisions)).toMatchObject([{ at: until + 5 * minute, to: 1, reason: 'idle' }])
  })

  it('do not come by a P99 that is still of the time before the last ones answered, however long its window is', () => {
    const wide = { ...policy, latencyWindowMillis: 5 * minute }
    const late = (now: number, replicas: number) => seen(now, replicas, { busy: 60 * replicas, p99: 900 })
    const { decisions } = watch(wide, 4, late, 20 * minute)
    const [first, second] = changes(decisions)
    expect([first?.reason, second?.reason]).toEqual(['latency', 'latency'])
    // A start, the window, and the minute it has to be so.
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(7 * minute)
  })
})

describe('fewer engines', () => {
  it('scale down after five minutes below 30 %, by a quarter at a time, without overloading the rest', () => {
    const { decisions, replicas } = watch(
      policy,
      8,
      (now, count) => seen(now, count, { busy: 100 }),
      60 * minute,
    )
    expect(changes(decisions).map(({ at, to }) => [(at - start) / minute, to])).toEqual([
      [5, 6],
      [10.25, 5],
      [15.5, 4],
      [20.75, 3],
    ])
    expect(replicas).toBe(3)
  })

  it('go below 30 %, not at 30, and not below the least there have to be', () => {
    expect(once(seen(start, 4, { busy: 120 })).reason).toBe('steady')
    expect(once(seen(start, 4, { busy: 119 })).reason).toBe('low_not_long_enough')
    expect(once(seen(start, 1)).reason).toBe('at_min')
  })

  it('stay as many as with which answers were late at the least load', () => {
    const late = { lateSince: start - 2 * minute, seenAt: start - 15_000, replicas: 4 }
    const before = { latePercent: 50, latePercentAt: start - minute }
    const kept = (state: ScalingState) =>
      decideScale(policy, state, seen(start, 4, { busy: 240, p99: 900 })).state.latePercent
    expect(kept(late)).toBe(60)
    expect(kept({ ...late, ...before })).toBe(50)
  })

  it('go while few requests wait for each', () => {
    const { decisions } = watch(policy, 4, (now, count) => seen(now, count, { waiting: 15 }), 20 * minute)
    expect(changes(decisions).map(({ to }) => to)).toEqual([3, 2])
  })

  it('go by the load since they were idle, not by what it was before a gap', () => {
    const longAgo = start - 60 * minute
    const before = { lowSince: longAgo, lowBusy: 500, seenAt: longAgo, replicas: 8 }
    const { decisions } = watch(policy, 8, (now, count) => seen(now, count, { busy: 10 }), 6 * minute, before)
    expect(changes(decisions)).toMatchObject([{ to: 6, reason: 'idle' }])
  })

  it('are tried again six hours after they were late', () => {
    const hour = 60 * minute
    const kept = (at: number) =>
      decideScale(policy, { latePercent: 58, latePercentAt: at }, seen(start, 2)).state.latePercent
    expect(kept(start - 6 * hour)).toBe(58)
    expect(kept(start - 6 * hour - 1)).toBeUndefined()
  })

  it('stay while one look in five minutes is above the mark', () => {
    const spike = start + 4 * minute
    const { decisions } = watch(
      policy,
      2,
      (now, replicas) => seen(now, replicas, { busy: now === spike ? 70 : 10 }),
      9 * minute,
    )
    expect(changes(decisions)).toEqual([])
    expect(decisions.at(-1)).toMatchObject({ reason: 'low_not_long_enough' })
  })

  it('stay where two at 33 % each would have been one by a mark of 70 alone', () => {
    const { decisions } = watch(policy, 2, (now, replicas) => seen(now, replicas, { busy: 66 }), 60 * minute)
    expect(changes(decisions)).toEqual([])
  })
})

describe('figures that cannot be believed', () => {
  const unbelievable: readonly (readonly [string, (now: number) => Reading, RegExp])[] = [
    ['missing', () => ({ missing: 'no answer within 5 s' }), /busy \(no answer within 5 s\)/],
    ['stale', (now) => ({ at: now - 5 * minute, value: 0 }), /busy \(5m 0s old/],
    ['from the future', (now) => ({ at: now + 5 * minute, value: 0 }), /5m 0s ahead of this clock/],
    ['not a number', (now) => ({ at: now, value: Number.NaN }), /not a number/],
    ['infinite', (now) => ({ at: now, value: Number.POSITIVE_INFINITY }), /not a possible value/],
    ['negative', (now) => ({ at: now, value: -3 }), /not a possible value/],
    ['what DCGM says of nothing', (now) => ({ at: now, value: 9.22e18 }), /not a possible value/],
    ['of no time', () => ({ at: Number.NaN, value: 1 }), /measurement time is unknown/],
  ]

  it.each(unbelievable)('%s: nothing is taken away', (_name, busyPercent, text) => {
    const { decisions } = watch(
      policy,
      4,
      (now, replicas) => seen(now, replicas, {}, { busyPercent: busyPercent(now) }),
      60 * minute,
    )
    expect(changes(decisions)).toEqual([])
    expect(decisions.at(-1)).toMatchObject({ reason: 'stale', text: expect.stringMatching(text) })
  })

  it('may be up to 30 s ahead of this clock', () => {
    const reasonAt = (ahead: number) =>
      once(seen(start, 4, {}, { busyPercent: { at: start + ahead, value: 384 } })).reason
    expect([reasonAt(30_000), reasonAt(30_001)]).toEqual(['busy', 'stale'])
  })

  it('do not keep the others from asking for more', () => {
    const busyPercent = { missing: 'gone' }
    expect(once(seen(start, 2, { waiting: 50 }, { busyPercent }))).toMatchObject({ reason: 'backlog' })
  })

  it('of some engines are not taken for idleness of all', () => {
    const { decisions } = watch(
      policy,
      4,
      (now, replicas) => seen(now, replicas, { busy: 20 }, { measuredReplicas: 1 }),
      60 * minute,
    )
    expect(changes(decisions)).toEqual([])
    expect(decisions.at(-1)?.text).toContain('only 1 of 4 engines report it')
    expect(once(seen(start, 4, { busy: 90 }, { measuredReplicas: 1 }))).toMatchObject({ to: 6 })
  })

  it('report the failure of the query, or else how many engines report', () => {
    const busyPercent = { missing: 'Prometheus does not answer' }
    expect(once(seen(start, 4, {}, { busyPercent, measuredReplicas: 0 })).signals).toContainEqual({
      name: 'busy',
      unusable: 'Prometheus does not answer',
    })
    expect(once(seen(start, 4, { busy: 90 }, { measuredReplicas: 0 }))).toMatchObject({
      reason: 'stale',
      text: expect.stringContaining('busy (only 0 of 4 engines report it)'),
    })
  })

  it('interrupt five minutes below the mark', () => {
    const blind = start + 4 * minute
    const { decisions } = watch(
      policy,
      2,
      (now, replicas) => seen(now, replicas, {}, now === blind ? { backlog: { missing: 'down' } } : {}),
      9 * minute,
    )
    expect(changes(decisions)).toEqual([])
  })

  it('no quantile of no requests is no late answer and no missing figure', () => {
    const { decisions } = watch(
      policy,
      2,
      (now, replicas) => seen(now, replicas, { p99: Number.NaN }),
      10 * minute,
    )
    expect(changes(decisions)).toMatchObject([{ to: 1, reason: 'idle' }])
  })
})

describe('sleep', () => {
  const sleepy: ScalingPolicy = { ...policy, minReplicas: 0, scaleToZero: true }

  it('starts once there was no demand for the idle time plus a start', () => {
    const { decisions } = watch(sleepy, 1, (now, replicas) => seen(now, replicas, { demand: 0 }), 10 * minute)
    expect(changes(decisions)).toMatchObject([{ at: start + 6 * minute, to: 0, reason: 'sleep' }])
    expect(decisions.at(-1)).toMatchObject({ reason: 'asleep' })
  })

  it('comes to one that never answered, later than any start', () => {
    const broken = (now: number, replicas: number) =>
      seen(now, replicas, { demand: 0 }, { readyReplicas: 0, busyPercent: { missing: 'nobody measures it' } })
    expect(changes(watch(sleepy, 1, broken, 20 * minute).decisions)).toMatchObject([
      {
        at: start + 8 * minute,
        to: 0,
        text: '1 to 0 engines: no requests for 8m 0s, and no engine responds',
      },
    ])
  })

  it('never starts while engines are busy, even without demand', () => {
    const busy = (now: number, replicas: number) => seen(now, replicas, { busy: 50, demand: 0 })
    expect(changes(watch(sleepy, 1, busy, 60 * minute).decisions)).toEqual([])
  })

  it('counts the silence from before there were fewer', () => {
    const { decisions } = watch(sleepy, 2, (now, count) => seen(now, count, { demand: 0 }), 20 * minute)
    expect(changes(decisions)).toMatchObject([
      { at: start + 5 * minute, to: 1 },
      { at: start + 10 * minute, to: 0 },
    ])
  })

  it('never starts while demand is unknown', () => {
    const demand = { missing: 'down' }
    const { decisions } = watch(
      sleepy,
      1,
      (now, replicas) => seen(now, replicas, {}, { demand }),
      60 * minute,
    )
    expect(changes(decisions)).toEqual([])
  })

  it('ends with the first request, at once, with as many as have to be', () => {
    const justSlept = { lastDownAt: start - 1000, replicas: 0, seenAt: start - 1000 }
    expect(once(seen(start, 0, { demand: 1 }), sleepy, justSlept)).toMatchObject({ to: 1, reason: 'wake' })
    expect(once(seen(start, 0, { waiting: 25 }), sleepy, justSlept)).toMatchObject({ to: 3, reason: 'wake' })
    const three = { ...sleepy, minReplicas: 3 }
    expect(once(seen(start, 0, { demand: 1 }), three, justSlept)).toMatchObject({ to: 3 })
  })

  it('ends with no more than four engines at first, whatever waits', () => {
    expect(once(seen(start, 0, { waiting: 900 }), sleepy)).toMatchObject({ to: 4, reason: 'wake' })
  })

  it('is not ended by a backlog that is not known', () => {
    const unknown = { backlog: { missing: 'down' } }
    expect(once(seen(start, 0, { demand: 0 }, unknown), sleepy)).toMatchObject({ to: 0 })
  })

  it('is no reason to take those for late who waited for the start', () => {
    const late = (now: number, replicas: number) => seen(now, replicas, { busy: 60, p99: 60_000 })
    const woken = decideScale(sleepy, {}, seen(start - 15_000, 0, { demand: 1 }))
    const { decisions } = watch(sleepy, 1, late, 10 * minute, woken.state)
    const grown = changes(decisions)[0]
    expect(grown).toMatchObject({ to: 2, reason: 'latency' })
    // A start, the two minutes of the P99, and the minute it has to be so.
    expect(grown!.at - woken.decision.at).toBeGreaterThanOrEqual(4 * minute)
    expect(grown!.at - woken.decision.at).toBeLessThanOrEqual(4.5 * minute)
  })

  it('is not disturbed by engines that finish what they have', () => {
    expect(once(seen(start, 0, { busy: 95, demand: 0 }, { readyReplicas: 1 }), sleepy)).toMatchObject({
      to: 0,
      reason: 'asleep',
    })
  })

  it('is not assumed when 0 replicas are set without scale-to-zero', () => {
    expect(once(seen(start, 0, { waiting: 90, demand: 9 }))).toMatchObject({
      to: 0,
      reason: 'switched_off',
    })
  })
})

describe('what happens around it', () => {
  it('bounds are kept whatever the figures are', () => {
    const gone = { busyPercent: { missing: 'x' }, backlog: { missing: 'x' } }
    expect(once(seen(start, 50, {}, gone))).toMatchObject({ to: 20, reason: 'bounds' })
    expect(once(seen(start, 1, {}, gone), { ...policy, minReplicas: 3 })).toMatchObject({
      to: 3,
      reason: 'bounds',
    })
  })

  it('an external change is detected, and restarts the cool-down', () => {
    const before = watch(policy, 4, (now, replicas) => seen(now, replicas, { busy: 10 }), 4 * minute)
    const by = decideScale(policy, before.state, seen(start + 4.25 * minute, 12, { busy: 10 }))
    expect(by.decision).toMatchObject({
      action: 'hold',
      changedFrom: 4,
      text: expect.stringMatching(/^12 engines \(changed externally from 4\): /),
    })
    expect(by.state.lastUpAt).toBe(start + 4.25 * minute)
    expect(by.state.lastDownAt).toBeUndefined()
    const after = decideScale(policy, by.state, seen(start + 4.5 * minute, 12, { busy: 1190 }))
    expect(after.decision).toMatchObject({
      action: 'hold',
      reason: 'cooldown',
      text: '12 engines: each is 99 % busy, but the last change was 15.0 s ago, and the cooldown is 1m 0s',
    })
  })

  it('a cool-down that is nearly over is not said to be over', () => {
    const state = { lastUpAt: start - 59_970, replicas: 4, seenAt: start - 15_000 }
    expect(once(seen(start, 4, { busy: 400 }), policy, state).text).toContain(
      'the last change was 59.0 s ago, and the cooldown is 1m 0s',
    )
  })

  it('what could not be carried out is decided again', () => {
    const { stateIfRefused } = decideScale(policy, {}, seen(start, 4, { busy: 400 }))
    const again = decideScale(policy, stateIfRefused, seen(start + 15_000, 4, { busy: 400 }))
    expect(again.decision).toMatchObject({ to: 6, reason: 'busy' })
  })

  it('a clock that was set back does not make a cool-down longer than it is', () => {
    const ahead = {
      lastUpAt: start + 1000 * minute,
      lowSince: start + 1000 * minute,
      replicas: 2,
      seenAt: start,
    }
    const { decisions } = watch(policy, 2, (now, count) => seen(now, count), 6 * minute, ahead)
    expect(changes(decisions)).toMatchObject([{ at: start + 5 * minute, to: 1, reason: 'idle' }])
  })

  it('an hour without a look is no hour of idleness', () => {
    const state = { lowSince: start - 60 * minute, seenAt: start - 60 * minute, replicas: 4 }
    expect(once(seen(start, 4), policy, state)).toMatchObject({ reason: 'low_not_long_enough' })
  })
})

const amount = fc.double({ min: 0, max: 4000, noNaN: true })
const reading = (now: number): fc.Arbitrary<Reading> =>
  fc.oneof(
    { weight: 6, arbitrary: amount.map((value) => ({ at: now, value })) },
    fc.record({
      at: fc.oneof(fc.integer({ min: now - 10 * minute, max: now + 10 * minute }), fc.constant(Number.NaN)),
      value: fc.double(),
    }),
    fc.constant({ missing: 'gone' }),
  )
const policies = fc
  .record({
    minReplicas: fc.integer({ min: 0, max: 30 }),
    more: fc.integer({ min: 1, max: 60 }),
    lowPercent: fc.double({ min: 0, max: 49, noNaN: true }),
    highPercent: fc.double({ min: 50, max: 100, noNaN: true }),
    backlogPerReplica: fc.double({ min: 0.1, max: 50, noNaN: true }),
    latencyMillis: fc.option(fc.constant(500), { nil: undefined }),
    upCooldownMillis: fc.integer({ min: 0, max: 5 * minute }),
    downCooldownMillis: fc.integer({ min: 0, max: 10 * minute }),
    lowForMillis: fc.integer({ min: 0, max: 5 * minute }),
    scaleToZero: fc.boolean(),
  })
  .map(
    ({ more, ...rest }): ScalingPolicy => ({
      ...policy,
      ...rest,
      minReplicas: rest.scaleToZero ? rest.minReplicas : Math.max(1, rest.minReplicas),
      maxReplicas: rest.minReplicas + more,
    }),
  )
const lines = fc.record({
  waiting: amount,
  waitingAt: fc.integer({ min: start - 3 * minute, max: start + minute }),
  waitingDrain: fc.double({ min: -50, max: 50, noNaN: true }),
})
const times: fc.Arbitrary<ScalingState> = fc.record(
  Object.fromEntries(
    ['lastUpAt', 'lastDownAt', 'lowSince', 'silentSince', 'lateSince', 'seenAt'].map((key) => [
      key,
      fc.integer({ min: start - 20 * minute, max: start + minute }),
    ]),
  ),
  { requiredKeys: [] },
)
const states: fc.Arbitrary<ScalingState> = fc
  .tuple(times, fc.option(lines, { nil: {} }))
  .map(([time, line]) => ({ ...time, ...line }))

describe('whatever the figures are', () => {
  it('bounds are kept, and what is decided is said', () => {
    fc.assert(
      fc.property(
        policies,
        states,
        fc.nat(100),
        fc.nat(100),
        fc.tuple(reading(start), reading(start), reading(start), reading(start)),
        (rules, state, replicas, readyReplicas, [busyPercent, backlog, latencyP99Millis, demand]) => {
          const more = { readyReplicas, busyPercent, backlog, latencyP99Millis, demand }
          const { decision } = decideScale(rules, state, seen(start, replicas, {}, more))
          const isAsleep = decision.to === 0
          expect(Number.isInteger(decision.to)).toBe(true)
          expect(decision.to).toBeLessThanOrEqual(rules.maxReplicas)
          if (isAsleep) expect(rules.scaleToZero || replicas === 0).toBe(true)
          else expect(decision.to).toBeGreaterThanOrEqual(Math.max(1, rules.minReplicas))
          expect(decision.text).not.toMatch(/undefined|NaN/)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('more load never gives fewer engines', () => {
    fc.assert(
      fc.property(
        policies,
        states,
        fc.integer({ min: 0, max: 80 }),
        fc.tuple(amount, amount, amount, fc.nat(5)),
        fc.tuple(amount, amount, amount, fc.nat(5)),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rules, state, replicas, [busy, waiting, p99, demand], [busier, longer, later, more], readyShare) => {
          const readyReplicas = Math.ceil(replicas * readyShare)
          const less = { busy, waiting, p99, demand }
          const heavier = {
            busy: busy + busier,
            waiting: waiting + longer,
            p99: p99 + later,
            demand: demand + more,
          }
          const [light, heavy] = [less, heavier].map(
            (load) => decideScale(rules, state, seen(start, replicas, load, { readyReplicas })).decision.to,
          )
          expect(heavy).toBeGreaterThanOrEqual(light!)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('nothing changes within the cool-down of a change, but what wakes', () => {
    const walk = fc.array(fc.tuple(amount, fc.nat(300), amount, fc.nat(2)), { minLength: 20, maxLength: 120 })
    fc.assert(
      fc.property(policies, walk, (rules, loads) => {
        let [state, replicas]: [ScalingState, number] = [{}, Math.max(1, rules.minReplicas)]
        let last: number | undefined
        for (const [at, [busy, waiting, p99, demand]] of loads.entries()) {
          const now = start + at * 20_000
          const decided = decideScale(rules, state, seen(now, replicas, { busy, waiting, p99, demand }))
          const { action, reason, to } = decided.decision
          if (action !== 'hold' && reason !== 'wake' && last !== undefined) {
            const least =
              action === 'up'
                ? rules.upCooldownMillis
                : Math.max(rules.upCooldownMillis, rules.downCooldownMillis)
            expect(now - last).toBeGreaterThanOrEqual(least)
          }
          if (action !== 'hold') last = now
          state = JSON.parse(JSON.stringify(decided.state))
          replicas = to
        }
      }),
      { numRuns: 300 },
    )
  })

  it('load that stays makes it come to rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1400, noNaN: true }),
        (replicas, work) => {
          // Work that does not depend on how many share it; what does not fit waits.
          const { decisions } = watch(
            policy,
            replicas,
            (now, count) => seen(now, count, { busy: Math.min(work, 100 * count) }),
            240 * minute,
          )
          expect(changes(decisions.slice(-400))).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })
})
