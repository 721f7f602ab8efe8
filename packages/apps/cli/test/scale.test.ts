/** `hadal scale` against a Kubernetes API and a Prometheus over HTTP: what it does, and what it survives. */

import { ManualClock } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlPage, json } from './fake-prometheus.ts'
import { type Figures, type LabScaler, type ScaleLab, scaleLab } from './scale-lab.ts'

/** Runs while `body` does, and is stopped as by SIGTERM. */
async function running(
  lab: ScaleLab,
  scalers: readonly LabScaler[],
  body: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const ends = scalers.map(({ controller }) => controller.run(stop.signal))
  try {
    await body()
  } finally {
    stop.abort('SIGTERM')
    await lab.pass(1000)
    await Promise.all(ends)
  }
}

/** Where nothing but a long time is waited for. */
const slow = 5000

const eventsOf = ({ fake }: ScaleLab): string[] =>
  fake.store
    .list('Event', 'hadal')
    .flatMap(({ reason, message }) => (String(reason).startsWith('Scaled') ? [`${reason}: ${message}`] : []))

describe('what it does', () => {
  it('adds engines that are needed, takes away those that are not, and says why on the Deployment', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190, latency: 100 })
    await running(lab, [scaler], async () => {
      await lab.until('more', () => lab.replicas()! > 2)
      expect(lab.replicas()).toBe(3)
      lab.says({ busy: 12, latency: 100 })
      await lab.until('fewer', () => lab.replicas()! < 3, slow)
      await lab.until('one', () => lab.replicas() === 1, slow)
    })
    const [up, ...downs] = eventsOf(lab)
    expect(up).toMatch(/^ScaledUp: 2 to 3 engines: each is 95 % busy, above 70 % \(busy\)$/)
    expect(downs.every((each) => /^ScaledDown: .*\(idle\)$/.test(each))).toBe(true)
    const [event] = lab.fake.store.list('Event', 'hadal').filter(({ reason }) => reason === 'ScaledUp')
    const { uid } = lab.fake.store.get('Deployment', 'hadal', lab.model.target.name)!.metadata
    // Without it, `kubectl describe` does not find the Event.
    expect(event!.involvedObject).toMatchObject({ uid, kind: 'Deployment' })
    const { text } = await scaler.telemetry.expose()
    expect(text).toMatch(/hadal_scale_decisions_total\{.*action="up",reason="busy"\} 1/)
  })

  it('wakes a sleeping model on demand, and puts it to sleep when there is none', async () => {
    await using lab = await scaleLab({ replicas: 0, scaling: { scaleToZero: true, minReplicas: 0 } })
    const scaler = await lab.scaler('a')
    lab.says({ busy: undefined, demand: 0 })
    await running(lab, [scaler], async () => {
      await lab.pass(30_000)
      expect(lab.replicas()).toBe(0)
      lab.says({ busy: undefined, demand: 1, backlog: 1 })
      await lab.until('awake', () => lab.replicas() === 1, slow)
      lab.says({ busy: 0, demand: 0 })
      await lab.until('asleep', () => lab.replicas() === 0, slow)
    })
    expect(eventsOf(lab).map((each) => /\((\w+)\)$/.exec(each)![1])).toEqual(['wake', 'sleep'])
  })

  it('changes nothing with --dry-run: neither a Deployment nor a Lease', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a', { isDryRun: true })
    lab.says({ busy: 190 })
    await running(lab, [scaler], () => lab.pass(20_000))
    expect(lab.fake.requests.filter((each) => !each.startsWith('GET'))).toEqual([])
    expect(scaler.lines.join('\n')).toContain('would be 2 to 3 engines')
    expect(scaler.controller.status()).toMatchObject({ isDryRun: true, leader: null })
  })

  it('predicts from history when configured to', async () => {
    await using lab = await scaleLab({ scaling: { predict: 'history' } })
    const scaler = await lab.scaler('a')
    const now = lab.clock.now() / 1000
    const day = 86_400
    // A day and a week ago it rose to seven engines' worth a minute from now.
    lab.prometheus.range = Array.from({ length: 12 * 24 * 8 }, (_, index) => now - 8 * day + index * 300).map(
      (at) => [at, String((now - at) % day < day - 60 && (now - at) % day > day / 2 ? 400 : 100)] as const,
    )
    lab.says({ busy: 100, latency: 100 })
    await running(lab, [scaler], async () => {
      await lab.until('more', () => lab.replicas()! > 2)
    })
    expect(eventsOf(lab)[0]).toMatch(/\(forecast\)$/)
    expect(lab.prometheus.requested.filter(({ path }) => path.endsWith('query_range'))).toHaveLength(1)
  })
})

it('foretells the end of a sleep, of which no engine left a series', async () => {
  const scaling = { predict: 'history', scaleToZero: true, minReplicas: 0 } as const
  await using lab = await scaleLab({ replicas: 0, scaling })
  const scaler = await lab.scaler('a')
  const now = lab.clock.now() / 1000
  const day = 86_400
  lab.prometheus.range = Array.from({ length: 12 * 24 * 2 }, (_, index) => now - 2 * day + index * 300).map(
    (at) => [at, (now - at) % day < day - 60 && (now - at) % day > day / 2 ? '200' : '0'] as const,
  )
  lab.says({ busy: undefined, demand: 0 })
  await running(lab, [scaler], () => lab.until('awake', () => lab.replicas()! > 0))
  expect(eventsOf(lab)[0]).toMatch(/\(forecast\)$/)
  const { busyPercent, backlog } = lab.model.queries
  const [requested] = lab.prometheus.requested.filter(({ path }) => path.endsWith('query_range'))
  expect(requested!.query).toBe(`${busyPercent!.value} or 0 * ${backlog.value}`)
})

describe('figures that are no figures', () => {
  const cases: readonly (readonly [string, (lab: ScaleLab) => void, RegExp])[] = [
    [
      'Prometheus is down',
      (lab) => void lab.prometheus[Symbol.asyncDispose](),
      /Prometheus does not respond/,
    ],
    [
      'it answers 503',
      ({ prometheus }) => (prometheus.instead = (response) => json(response, 503, {})),
      /status 503/,
    ],
    [
      'a page comes',
      ({ prometheus }) => (prometheus.instead = htmlPage),
      /does not look like Prometheus; it returned: <!doctype html>/,
    ],
    [
      'it refuses',
      ({ prometheus }) =>
        (prometheus.instead = (response) =>
          json(response, 422, { status: 'error', error: 'too many samples' })),
      /rejected the query: too many samples/,
    ],
    ['it never answers', ({ prometheus }) => (prometheus.instead = () => {}), /no response within 0.5 s/],
    ['NaN', (lab) => lab.says({ busy: 'NaN' }), /busy: not a number/],
    ['infinity', (lab) => lab.says({ busy: '+Inf' }), /busy: Infinity is not a possible value/],
    ['words', (lab) => lab.says({ busy: 'many' }), /busy: expected a number, got "many"/],
    [
      'what a GPU does not measure',
      (lab) => lab.says({ busy: '9.223372036854776e18' }),
      /not a possible value/,
    ],
    ['there is none', (lab) => lab.says({ busy: undefined }), /busy: the series does not exist/],
    [
      'several',
      ({ model, says, prometheus }) => {
        says({ busy: 1 })
        prometheus.figures.set(model.queries.busyPercent!.value, [1, 2])
      },
      /expected one series, got 2/,
    ],
    ['they are old', (lab) => lab.says({ busy: 5, ageSeconds: 300 }), /busy: 5m 0s old, and stale after 2m/],
    ['they are of tomorrow', (lab) => lab.says({ busy: 5, ageSeconds: -86_400 }), /ahead of this clock/],
    [
      'an exporter of two is silent',
      (lab) => lab.says({ busy: 5, gpus: 1 }),
      /only 1 of 2 engines report it/,
    ],
    [
      'the gateways are silent',
      (lab) => {
        lab.says({ busy: 5 })
        lab.prometheus.figures.set(lab.model.queries.backlog.measuredAt, undefined)
      },
      /backlog: no metric measures it/,
    ],
  ]

  it.each(cases)('%s: nothing is taken away, and it says so', async (name, spoil, said) => {
    await using lab = await scaleLab({ replicas: 2, scaling: { gpuLowForMillis: 0, downCooldownMillis: 0 } })
    const scaler = await lab.scaler('a', name === 'it never answers' ? { timeoutMillis: 500 } : {})
    spoil(lab)
    const stop = new AbortController().signal
    for (let look = 0; look < 2; look++) {
      await scaler.controller.once(stop)
      lab.clock.advance(60_000)
    }
    expect(lab.replicas()).toBe(2)
    expect(scaler.fields.map(({ signals }) => signals).join('\n')).toMatch(said)
  })

  it('a clock that is an hour wrong makes nothing look old', async () => {
    await using lab = await scaleLab()
    lab.prometheus.now = () => lab.clock.now() - 3_600_000
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    await scaler.controller.once(new AbortController().signal)
    expect(lab.replicas()).toBe(3)
  })
})

describe('a cluster that changes meanwhile', () => {
  it('a conflict on the scale is read and decided again', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    lab.fake.faults.push({
      on: /^PATCH .*\/scale/,
      what: { kind: 'status', code: 409, reason: 'Conflict' },
      times: 1,
    })
    await scaler.controller.once(new AbortController().signal)
    expect(lab.replicas()).toBe(3)
    expect(lab.fake.requests.filter((each) => /^PATCH .*\/scale/.test(each))).toHaveLength(2)
  })

  it('of a rollout, whose status changes all the time, is no change of the number', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    const conflict = {
      on: /^PATCH .*\/scale/,
      what: { kind: 'status', code: 409, reason: 'Conflict' },
    } as const
    lab.fake.faults.push({ ...conflict, times: 3 })
    await scaler.controller.once(new AbortController().signal)
    expect(lab.replicas()).toBe(3)
    await lab.pass(60_000)
    lab.says({ busy: 290 })
    lab.fake.faults.push({ ...conflict, times: 99 })
    expect(await scaler.controller.once(new AbortController().signal)).toEqual([undefined])
    const { fault } = scaler.controller.status().models[0]!
    expect(fault).toMatch(/^scaling from 3 to 5 engines failed: Deployment \S+ changes constantly/)
    expect(scaler.fields.map(({ code }) => code)).toContain('scale_target_busy')
  })

  it('a persistent conflict aborts the action, and starts no cool-down', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    lab.fake.faults.push({
      on: /^PATCH .*\/scale/,
      what: { kind: 'status', code: 409, reason: 'Conflict' },
      times: 99,
    })
    expect(await scaler.controller.once(new AbortController().signal)).toEqual([undefined])
    lab.fake.faults.length = 0
    // Nothing was done, so nothing has to cool down.
    await scaler.controller.once(new AbortController().signal)
    expect(lab.replicas()).toBe(3)
  })

  it('the scale is patched with the version that was read', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    // Another client sets the number between the read and the write.
    let isChanged = false
    lab.prometheus.now = () => {
      if (!isChanged) lab.setReplicas(5)
      isChanged = true
      return lab.clock.now()
    }
    await scaler.controller.once(new AbortController().signal)
    expect(lab.replicas()).toBe(5)
  })

  it('a Deployment that is gone is waited for', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    const live = lab.fake.store.get('Deployment', 'hadal', lab.model.target.name)!
    lab.fake.store.remove(live)
    await running(lab, [scaler], async () => {
      await lab.pass(20_000)
      expect(scaler.controller.status().models[0]!.fault).toMatch(/Deployment hadal\/\S+ is not there/)
      lab.fake.put(live)
      await lab.until('more', () => (lab.replicas() ?? 0) > 2)
      expect(scaler.controller.status().models[0]!.fault).toBeNull()
    })
    const issues = scaler.lines.filter((line) => line.startsWith('warn'))
    // Not once for each look.
    expect(issues).toHaveLength(1)
  })

  it('one that is deleted between the read and the write is no crash', async () => {
    await using lab = await scaleLab()
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    lab.fake.faults.push({
      on: /^PATCH .*\/scale/,
      what: { kind: 'status', code: 404, reason: 'NotFound' },
      times: 1,
    })
    expect(await scaler.controller.once(new AbortController().signal)).toEqual([undefined])
    expect(scaler.controller.status().models[0]!.fault).toContain('is not there any more')
  })

  it('an action that is not permitted is reported with the missing permission', async () => {
    await using lab = await scaleLab({
      kubernetes: { forbids: ({ resource }) => resource === 'deployments/scale' },
    })
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    await scaler.controller.once(new AbortController().signal)
    expect(scaler.controller.status().models[0]!.fault).toContain(
      'not allowed to patch deployments/scale.apps',
    )
  })

  it('without Events it scales all the same', async () => {
    await using lab = await scaleLab({ kubernetes: { forbids: ({ resource }) => resource === 'events' } })
    const scaler = await lab.scaler('a')
    lab.says({ busy: 190 })
    await scaler.controller.once(new AbortController().signal)
    expect(lab.replicas()).toBe(3)
  })
})

describe('several scalers', () => {
  it('one acts, and another goes on with its memory when it is stopped', async () => {
    await using lab = await scaleLab({ scaling: { upCooldownMillis: 120_000 } })
    const [a, b] = [await lab.scaler('a'), await lab.scaler('b')]
    lab.says({ busy: 190 })
    const stopA = new AbortController()
    const endA = a.controller.run(stopA.signal)
    await lab.until('a leads', () => a.controller.status().isLeader)
    await running(lab, [b], async () => {
      await lab.until('more', () => lab.replicas() === 3)
      // A follower reports what the leader decided.
      await lab.until('b knows', () => b.controller.status().models[0]?.decisions.at(-1) !== undefined)
      expect(b.controller.status()).toMatchObject({ isLeader: false, leader: 'a' })
      const before = lab.clock.now()
      lab.says({ busy: 290 })
      stopA.abort('SIGTERM')
      await lab.pass(1000)
      await endA
      await lab.until('b leads', () => b.controller.status().isLeader)
      // The lease was released: it did not have to expire.
      expect(lab.clock.now() - before).toBeLessThan(6000)
      await lab.pass(30_000)
      // Decisions of a are still available.
      expect(b.controller.status().models[0]!.decisions[0]).toMatchObject({ action: 'up', to: 3 })
      // The cool-down of a's change still holds.
      expect(lab.replicas()).toBe(3)
      await lab.until('more', () => lab.replicas()! > 3)
      expect(lab.clock.now() - before).toBeGreaterThan(60_000)
    })
    expect(b.lines.join('\n')).not.toContain('deployments')
  })

  it('one that is cut off has stopped before another begins', async () => {
    await using lab = await scaleLab()
    const [a, b] = [await lab.scaler('a'), await lab.scaler('b')]
    lab.says({ busy: 60 })
    await running(lab, [a], async () => {
      await lab.until('a leads', () => a.controller.status().isLeader)
      await running(lab, [b], async () => {
        await lab.pass(10_000)
        a.isCutOff = true
        let aStoppedAt = 0
        await lab.until('b leads', () => {
          const isBoth = a.controller.status().isLeader && b.controller.status().isLeader
          expect(isBoth).toBe(false)
          if (!a.controller.status().isLeader && aStoppedAt === 0) aStoppedAt = lab.clock.now()
          return b.controller.status().isLeader
        })
        expect(lab.clock.now() - aStoppedAt).toBeGreaterThanOrEqual(3000)
        expect(a.lines.join('\n')).toContain('lost leadership of hadal/hadal-scaler')
        a.isCutOff = false
        await lab.pass(10_000)
        expect(a.controller.status()).toMatchObject({ isLeader: false, leader: 'b' })
      })
    })
  })

  it('one whose clock is an hour ahead takes nothing from another', async () => {
    await using lab = await scaleLab()
    const [a] = [await lab.scaler('a')]
    const ahead = new ManualClock(lab.clock.now() + 3_600_000)
    const b = await lab.scaler('b', { clock: ahead })
    const stop = new AbortController().signal
    lab.says({ busy: 60 })
    await running(lab, [a], async () => {
      await lab.until('a leads', () => a.controller.status().isLeader)
      for (let look = 0; look < 10; look++) {
        await expect(b.controller.once(stop)).rejects.toMatchObject({ code: 'scale_lease_lost' })
        ahead.advance(3000)
        await lab.pass(3000)
      }
    })
  })

  it('a leader that slept too long writes nothing once another leads', async () => {
    await using lab = await scaleLab()
    const asleep = new ManualClock(lab.clock.now())
    const a = await lab.scaler('a', { clock: asleep })
    const stop = new AbortController()
    lab.says({ busy: 60 })
    const end = a.controller.run(stop.signal)
    await lab.until('a leads', () => a.controller.status().isLeader)
    // Its clock stands still, as that of a machine that is suspended does: it believes that it leads.
    const b = await lab.scaler('b')
    await running(lab, [b], async () => {
      await lab.until('b leads', () => b.controller.status().isLeader)
      expect(a.controller.status().isLeader).toBe(true)
      lab.says({ busy: 190 })
      await lab.until('b acts', () => lab.replicas() === 3)
      lab.setReplicas(2)
      const patches = (): number => lab.fake.requests.filter((each) => /^PATCH .*\/scale/.test(each)).length
      const before = patches()
      // Awake again, it looks first and then renews.
      asleep.advance(15_000)
      await lab.pass(1000)
      expect(patches()).toBe(before)
      expect(a.controller.status().isLeader).toBe(false)
    })
    stop.abort('SIGTERM')
    asleep.advance(10_000)
    await end
  })

  it('a leader that was suspended does not act on stale observations, even if the Lease is free', async () => {
    await using lab = await scaleLab()
    const asleep = new ManualClock(lab.clock.now())
    const a = await lab.scaler('a', { clock: asleep })
    const stop = new AbortController()
    lab.says({ busy: 190 })
    const b = await lab.scaler('b')
    // Between its look and its write, another leads, decides otherwise, and gives the Lease back.
    let isOver = false
    lab.prometheus.now = () => {
      if (!isOver && a.controller.status().isLeader) {
        isOver = true
        const lease = lab.fake.store.get('Lease', 'hadal', lab.plan.name)!
        const states = { [lab.model.model]: { lastUpAt: lab.clock.now(), replicas: 2 } }
        const annotations = { 'hadal.dev/scaling': JSON.stringify({ version: 1, states, models: [] }) }
        lab.fake.put({
          ...lease,
          metadata: { ...lease.metadata, annotations },
          spec: { ...(lease.spec as object), holderIdentity: '' },
        })
      }
      return lab.clock.now()
    }
    expect(await a.controller.once(stop.signal)).toEqual([undefined])
    expect(a.lines.join('\n')).toContain(
      'scaling from 2 to 3 engines failed: the Lease hadal/hadal-scaler is held by nobody',
    )
    expect(lab.replicas()).toBe(2)
    expect((await b.controller.once(stop.signal))[0]).toMatchObject({ action: 'hold', reason: 'cooldown' })
  })

  it('an API server that is away for a moment costs nothing, and one that stays away costs the lead', async () => {
    await using lab = await scaleLab()
    const a = await lab.scaler('a')
    lab.says({ busy: 60 })
    await running(lab, [a], async () => {
      await lab.until('a leads', () => a.controller.status().isLeader)
      a.isCutOff = true
      await lab.pass(6000)
      a.isCutOff = false
      await lab.pass(6000)
      expect(a.controller.status().isLeader).toBe(true)
      a.isCutOff = true
      await lab.pass(200_000, 4000)
      expect(a.controller.status().isLeader).toBe(false)
      // Logged once, and without a leader's name, which is unknown.
      expect(a.lines.filter((line) => /nobody knows who leads/.test(line)).length).toBeLessThanOrEqual(2)
      expect(a.lines.filter((line) => line.includes('waits:'))).toEqual([])
      // To start it anew would not bring the API server back.
      expect(a.controller.isAlive()).toBe(true)
      a.isCutOff = false
      await lab.until('a leads again', () => a.controller.status().isLeader)
    })
  })

  it('keeps what it remembers over a restart, and takes rubbish in its place for nothing', async () => {
    await using lab = await scaleLab({ scaling: { upCooldownMillis: 120_000 } })
    const stop = new AbortController().signal
    lab.says({ busy: 190 })
    await (await lab.scaler('a')).controller.once(stop)
    expect(lab.replicas()).toBe(3)
    await lab.pass(30_000)
    lab.says({ busy: 290 })
    await (await lab.scaler('b')).controller.once(stop)
    expect(lab.replicas()).toBe(3)
    const lease = lab.fake.store.get('Lease', 'hadal', lab.plan.name)!
    const annotations = {
      'hadal.dev/scaling': '{"version":1,"states":{"qwen3-8b":[1]},"models":7}',
      team: 'ml',
    }
    lab.fake.put({ ...lease, metadata: { ...lease.metadata, annotations } })
    await (await lab.scaler('c')).controller.once(stop)
    expect(lab.replicas()).toBe(5)
    // What others wrote there stays.
    expect(lab.fake.store.get('Lease', 'hadal', lab.plan.name)!.metadata.annotations!.team).toBe('ml')
  })

  it('goes on where its Lease is deleted', async () => {
    await using lab = await scaleLab()
    const a = await lab.scaler('a')
    lab.says({ busy: 60 })
    await running(lab, [a], async () => {
      await lab.until('a leads', () => a.controller.status().isLeader)
      lab.fake.store.remove(lab.fake.store.get('Lease', 'hadal', lab.plan.name)!)
      await lab.pass(6000)
      expect(a.controller.status().isLeader).toBe(true)
      expect(lab.fake.store.get('Lease', 'hadal', lab.plan.name)).toBeDefined()
    })
  })
})

describe('whatever the load is', () => {
  const figures = fc.record<Figures>({
    busy: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.constantFrom<string | undefined>(undefined, 'NaN')),
    backlog: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constant(undefined)),
    latency: fc.integer({ min: 0, max: 5000 }),
    ageSeconds: fc.constantFrom(0, 0, 0, 300),
  })

  it('bounds and cool-downs hold, through restarts and conflicts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(figures, fc.boolean()), { minLength: 4, maxLength: 12 }),
        async (looks) => {
          await using lab = await scaleLab({ scaling: { minReplicas: 2, maxReplicas: 6 } })
          const stop = new AbortController().signal
          let lastChange = Number.NEGATIVE_INFINITY
          for (const [index, [given, isConflict]] of looks.entries()) {
            lab.says(given)
            if (isConflict)
              lab.fake.faults.push({
                on: /^PATCH .*\/scale/,
                what: { kind: 'status', code: 409, reason: 'Conflict' },
                times: 1,
              })
            const before = lab.replicas()!
            await (await lab.scaler(`s${index}`)).controller.once(stop)
            lab.fake.faults.length = 0
            const after = lab.replicas()!
            expect(after).toBeGreaterThanOrEqual(2)
            expect(after).toBeLessThanOrEqual(6)
            if (after !== before) {
              expect(lab.clock.now() - lastChange).toBeGreaterThanOrEqual(60_000)
              lastChange = lab.clock.now()
            }
            lab.clock.advance(20_000)
            lab.fake.advance(20_000)
          }
        },
      ),
      { numRuns: 8 },
    )
  })
})
