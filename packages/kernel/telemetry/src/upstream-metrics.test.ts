import { describe, expect, it } from 'vitest'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import type { ReplicaSample, UpstreamSample } from './upstream-metrics.ts'

const replica = (url: string, more: Partial<ReplicaSample> = {}): ReplicaSample => ({
  url,
  health: 'up',
  breaker: 'closed',
  outstanding: 0,
  attempts: 0,
  failures: 0,
  ...more,
})
const sample = (more: Partial<UpstreamSample> = {}): UpstreamSample => ({
  running: 1,
  waiting: 2,
  held: 0,
  wake: { estimate: undefined, wakes: 0, last: undefined },
  places: 64,
  maxQueue: 256,
  retried: 0,
  hedged: 0,
  interrupted: 0,
  prefixHits: 0,
  prefixMisses: 0,
  replicas: [],
  ...more,
})
async function read(telemetry: Telemetry, name: string): Promise<number | undefined> {
  const { text } = await telemetry.expose()
  const line = text.split('\n').find((each) => each.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}
const of = (name: string, url: string): string => `${name}{model_name="big",replica="${url}"}`

describe('the metrics of an upstream', () => {
  it('report the health and the traffic of each replica', async () => {
    const telemetry = createTelemetry()
    const replicas = [
      replica('http://a', { outstanding: 3, attempts: 7 }),
      replica('http://b', { health: 'down', breaker: 'open', attempts: 5, failures: 5 }),
      replica('http://c', { health: 'unknown', breaker: 'halfOpen' }),
    ]
    telemetry.watchUpstream('big', () => sample({ replicas, retried: 2, prefixHits: 4 }))
    expect(await read(telemetry, 'vllm:num_requests_waiting{model_name="big"}')).toBe(2)
    expect(await read(telemetry, 'hadal_upstream_capacity{model_name="big"}')).toBe(64)
    expect(await read(telemetry, 'hadal_upstream_retries_total{model_name="big"}')).toBe(2)
    expect(await read(telemetry, 'hadal_upstream_prefix_hits_total{model_name="big"}')).toBe(4)
    const column = (name: string) =>
      Promise.all(['http://a', 'http://b', 'http://c'].map((url) => read(telemetry, of(name, url))))
    expect(await column('hadal_upstream_replica_up')).toEqual([1, 0, 1])
    expect(await column('hadal_upstream_breaker_state')).toEqual([0, 2, 1])
    expect(await column('hadal_upstream_outstanding')).toEqual([3, 0, 0])
    expect(await column('hadal_upstream_attempts_total')).toEqual([7, 5, 0])
    expect(await column('hadal_upstream_failures_total')).toEqual([0, 5, 0])
  })

  it('report the estimated wake time and the duration of the last wake', async () => {
    const telemetry = createTelemetry()
    let now = sample({ held: 2, wake: { estimate: { likelyMillis: 40_000 }, wakes: 0, last: undefined } })
    const watch = telemetry.watchUpstream('big', () => now)
    const held = () => read(telemetry, 'hadal_upstream_held{model_name="big"}')
    const eta = () => read(telemetry, 'hadal_upstream_wake_eta_seconds{model_name="big"}')
    const took = (phase: string) =>
      read(telemetry, `hadal_upstream_wake_seconds{model_name="big",phase="${phase}"}`)
    expect([await held(), await eta(), await took('all')]).toEqual([2, 40, undefined])
    now = sample({
      wake: { estimate: undefined, wakes: 1, last: { wholeMillis: 45_000, startMillis: 30_000 } },
    })
    expect([await held(), await eta(), await took('all'), await took('start')]).toEqual([
      0,
      undefined,
      45,
      30,
    ])
    expect(await read(telemetry, 'hadal_upstream_wakes_total{model_name="big"}')).toBe(1)
    now = sample({ wake: { estimate: undefined, wakes: 2, last: { wholeMillis: 50_000 } } })
    expect([await took('all'), await took('start')]).toEqual([50, undefined])
    watch[Symbol.dispose]()
    expect([await held(), await took('all')]).toEqual([undefined, undefined])
  })

  it('only rise where they count, and go with their replica', async () => {
    const telemetry = createTelemetry()
    let now = sample({ retried: 5, replicas: [replica('http://a', { attempts: 9 }), replica('http://b')] })
    const watch = telemetry.watchUpstream('big', () => now)
    const attempts = () => read(telemetry, of('hadal_upstream_attempts_total', 'http://a'))
    const retries = () => read(telemetry, 'hadal_upstream_retries_total{model_name="big"}')
    expect([await attempts(), await retries()]).toEqual([9, 5])
    now = sample({ retried: 1, replicas: [replica('http://a', { attempts: 10 })] })
    expect([await attempts(), await retries()]).toEqual([10, 6])
    expect(await read(telemetry, of('hadal_upstream_replica_up', 'http://b'))).toBeUndefined()
    now = sample({ retried: 1 })
    expect(await attempts()).toBeUndefined()
    now = sample({ retried: 1, replicas: [replica('http://a', { attempts: 2 })] })
    expect(await attempts()).toBe(2)
    watch[Symbol.dispose]()
    expect(await attempts()).toBeUndefined()
    expect(await read(telemetry, 'hadal_upstream_capacity{model_name="big"}')).toBeUndefined()
    expect(await retries()).toBe(6)
  })
})
