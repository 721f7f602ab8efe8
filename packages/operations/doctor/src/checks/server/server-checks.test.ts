import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Capture, RawReading } from '../../capture/capture.ts'
import type { Severity } from '../check.ts'
import { type Finding, runChecks, severities } from '../run-checks.ts'
import { serverChecks, serverSources } from './server-checks.ts'

type Readings = Readonly<Record<string, RawReading>>

const capture = (readings: Readings): Capture => ({ version: 1, takenAt: 1_700_000_000_000, readings })

/** What is found of a server that says this of itself, at two looks. */
function find(id: string, metrics: string, later?: string, more: Readings = {}): readonly Finding[] {
  const readings = {
    'server-metrics': { text: `${metrics}\n` },
    ...(later !== undefined && { 'server-metrics-later': { text: `${later}\n` } }),
    ...more,
  }
  return runChecks(serverChecks, capture(readings)).findings.filter((finding) => finding.id === id)
}
const one = (id: string, metrics: string, later?: string, more?: Readings): Finding => {
  const found = find(id, metrics, later, more)
  expect(found).toHaveLength(1)
  return found[0]!
}

const of = (name: string, value: number, more = ''): string => `${name}{model_name="chat"${more}} ${value}`
/** Requests that took the given times, in seconds, in order: whole ones as `2.0`, or objects put them first. */
const times = (name: string, counts: Readonly<Record<string, number>>): string => {
  const edges = [...Object.keys(counts), '+Inf']
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  let sum = 0
  let below = 0
  const lines = edges.map((le) => {
    below += counts[le] ?? 0
    sum += (counts[le] ?? 0) * Number(le === '+Inf' ? 0 : le)
    return of(`${name}_bucket`, le === '+Inf' ? all : below, `,le="${le}"`)
  })
  return [...lines, of(`${name}_sum`, sum), of(`${name}_count`, all)].join('\n')
}
const slo = (values: object): Readings => ({ 'service-slo': { text: JSON.stringify(values) } })
const failed = (detail: string, text?: string): RawReading => ({
  failed: 'exited',
  detail,
  ...(text !== undefined && { text }),
})

describe('whether it answers', () => {
  const judge = (id: string, readings: Readings): Finding =>
    runChecks(serverChecks, capture(readings)).findings.find((finding) => finding.id === id)!

  it.each<[string, Readings, Severity, RegExp]>([
    ['server-answers', {}, 'skipped', /--url/],
    ['server-answers', { 'server-health': { text: '{"status":"ok"}' } }, 'ok', /it responds/],
    [
      'server-answers',
      { 'server-health': { failed: 'refused', detail: 'the connection was refused' } },
      'error',
      /it does not respond: the connection was refused/,
    ],
    [
      'server-answers',
      { 'server-health': { failed: 'timed-out', detail: 'no response within 5 s' } },
      'error',
      /no response within 5 s/,
    ],
    [
      'server-answers',
      { 'server-health': failed('HTTP 503', '{"error":{"message":"Loading model"}}') },
      'error',
      /not loaded: Loading model/,
    ],
    [
      'server-answers',
      { 'server-health': failed('HTTP 404') },
      'note',
      /it responds, but \/health returns status 404\(unknown route\)/,
    ],
    ['server-ready', { 'server-ready': { text: '{"status":"ready"}' } }, 'ok', /it accepts requests/],
    [
      'server-ready',
      { 'server-ready': failed('HTTP 503', '{"status":"draining"}') },
      'warning',
      /it is shutting down: it finishes running requests and accepts no new ones/,
    ],
    [
      'server-ready',
      { 'server-ready': failed('HTTP 503', '{"status":"not ready"}') },
      'error',
      /no requests/,
    ],
    [
      'server-ready',
      { 'server-ready': failed('HTTP 404') },
      'skipped',
      /this server does not report readiness/,
    ],
    [
      'server-models',
      { 'server-models': failed('HTTP 401') },
      'unknown',
      /it lists its models only to clients with a key/,
    ],
    ['server-models', { 'server-models': { text: '<html>' } }, 'unknown', /could not be read/],
    ['server-models', { 'server-models': { text: '{"data":[]}' } }, 'error', /no model/],
    ['server-models', { 'server-models': { text: '{"data":[{"id":"chat"}]}' } }, 'ok', /it has chat/],
    [
      'server-models',
      {
        'server-models': {
          text: '{"data":[{"id":"chat","status":{"value":"elsewhere","asleep":true,"eta_seconds":45}}]}',
        },
      },
      'note',
      /chat is scaled to zero, and would start in about 45 s/,
    ],
    [
      'server-models',
      { 'server-models': { text: '{"data":[{"id":"chat","status":{"value":"elsewhere","failed":true}}]}' } },
      'error',
      /no replica is healthy/,
    ],
    [
      'server-metrics',
      { 'server-metrics': failed('HTTP 401', '{}') },
      'unknown',
      /its metrics need an admin key \(privateMetrics\): they are not checked/,
    ],
    [
      'server-metrics',
      { 'server-metrics': { text: '<html>hello</html>' } },
      'unknown',
      /its metrics could not be read: no line is in Prometheus format/,
    ],
    [
      'server-metrics',
      { 'server-metrics': { text: 'up 1\n', isCut: true } },
      'unknown',
      /its metrics were truncated after 1 series: the rest is not checked/,
    ],
  ])('%s %j: %s', (id, readings, severity, says) => {
    const finding = judge(id, readings)
    expect([finding.severity, finding.says]).toEqual([severity, expect.stringMatching(says)])
  })
})

describe('who waits and how long', () => {
  const waits = (count: number): string => of('vllm:num_requests_waiting', count)

  it('is judged by what is promised, by what may wait, and by which way it goes', () => {
    expect(one('server-queue', waits(3)).severity).toBe('ok')
    expect(one('server-queue', waits(4), waits(11))).toMatchObject({
      severity: 'warning',
      says: 'chat: 11 queued requests, 7 more than a moment ago: above slo.maxBacklog (10, by default)',
    })
    expect(
      one('server-queue', waits(11), undefined, slo({ latencyMillis: 900, maxBacklog: 20 })).severity,
    ).toBe('ok')
    const full = `${waits(64)}\n${of('hadal_max_queue', 64)}`
    expect(one('server-queue', full)).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('429'),
    })
    expect(one('server-queue', `${waits(64)}\n${of('hadal_upstream_held', 64)}`)).toMatchObject({
      severity: 'note',
      says: 'chat: 64 queued requests for a replica to wake',
    })
  })

  it('goes by the last seconds where enough happened in them', () => {
    const name = 'vllm:e2e_request_latency_seconds'
    const promised = slo({ latencyMillis: 500 })
    const slow = times(name, { '0.4': 0, '0.5': 100, '4.0': 900 })
    const late = times(name, { '0.4': 1000, '0.5': 100, '4.0': 900 })
    expect(one('server-latency', slow, undefined, promised)).toMatchObject({
      severity: 'error',
      says: expect.stringMatching(
        /chat: request latency: P99 4\.0 s, half within 2\.1 s \(1000 requests since it started\):/,
      ),
    })
    expect(one('server-latency', slow, late, promised)).toMatchObject({
      severity: 'ok',
      says: expect.stringContaining('(1000 requests between two samples)'),
    })
    expect(one('server-latency', late, slow, promised).says).toContain('since it started')
    expect(one('server-latency', times(name, { '4.0': 5 }), undefined, promised).severity).toBe('ok')
    const little = times(name, { '0.4': 960, '0.6': 40 })
    expect(one('server-latency', little, undefined, promised).severity).toBe('warning')
  })

  it('is a note without a configured SLO, and unknown when the buckets end below the threshold', () => {
    const name = 'vllm:e2e_request_latency_seconds'
    for (const said of [undefined, slo({ latencyMillis: 500, isDefault: true })])
      expect(one('server-latency', times(name, { '4.0': 900 }), undefined, said)).toMatchObject({
        severity: 'note',
        says: expect.stringContaining(
          'chat: request latency: P99 4.0 s, half within 2.0 s (900 requests since it started):',
        ),
      })
    const open = times(name, { '0.4': 900 }).replace(/(le="\+Inf"} |_count{.*} )900/g, '$11000')
    expect(one('server-latency', open, undefined, slo({ latencyMillis: 900 })).severity).toBe('unknown')
    expect(one('server-latency', open, undefined, slo({ latencyMillis: 300 })).severity).toBe('error')
  })

  it('says where the time goes', () => {
    const text = [
      times('vllm:e2e_request_latency_seconds', { '2.0': 100 }),
      times('vllm:request_queue_time_seconds', { '1.5': 100 }),
      times('vllm:request_prefill_time_seconds', { '0.25': 100 }),
      times('vllm:request_decode_time_seconds', { '0.25': 100 }),
      of('hadal_engine_ready', 1),
    ].join('\n')
    const promised = slo({ latencyMillis: 500 })
    const { fix } = one('server-latency', text, undefined, promised)
    expect(fix).toMatchObject({ text: expect.stringContaining('75 %'), command: 'hadal tune' })
    expect(fix!.text).toContain('maxBatchSize')
    expect(one('server-queue-time', text, undefined, promised).severity).toBe('warning')
    expect(one('server-queue-time', text).severity).toBe('note')
    // vLLM has other words for it.
    const vllm = text.replace(/hadal_engine_ready.*/, '')
    expect(one('server-latency', vllm).fix?.text).toContain('--max-num-seqs')
  })

  it('of a model that does not say it, nothing is said', () => {
    expect(one('server-latency', 'llamacpp:requests_processing 1')).toMatchObject({ severity: 'skipped' })
  })
})

describe('batches', () => {
  const text = (mean: number, waiting: number, usage = 0.3): string =>
    [
      of('hadal_step_sequences_sum', mean * 1000),
      of('hadal_step_sequences_count', 1000),
      of('hadal_step_sequences_bucket', 1000, ',le="+Inf"'),
      of('hadal_max_batch_size', 16),
      of('vllm:num_requests_waiting', waiting),
      of('vllm:kv_cache_usage_perc', usage),
    ].join('\n')

  it('of one at a time are a note, with what would change that and what would not', () => {
    const finding = one('server-batches', text(1.3, 0))
    expect(finding.severity).toBe('note')
    expect(finding.says).toBe(
      'chat: batches average 1.3 of at most 16 sequences (since it started): requests arrive one at a time, so the weights are read for each one separately',
    )
    expect(finding.fix!.text).toContain('in parallel')
  })

  it('that are full while others wait want more places, or more room', () => {
    expect(one('server-batches', text(15, 4)).fix!.text).toMatch(/^Raise maxBatchSize/)
    expect(one('server-batches', text(15, 4, 0.9)).fix!.text).toMatch(/^Free KV cache: raise kvCacheBytes/)
    expect(one('server-batches', text(5, 4)).fix!.text).toContain('maxPrefillTokensWhileDecoding')
    expect(one('server-batches', text(8, 0)).severity).toBe('ok')
  })

  it('are known of others, too', () => {
    const vllm = [
      of('vllm:iteration_tokens_total_count', 1000),
      of('vllm:generation_tokens_total', 1300),
    ].join('\n')
    expect(one('server-batches', vllm).says).toContain('batches average 1.3 sequences')
    const llama = 'llamacpp:n_decode_total 900\nllamacpp:n_busy_slots_per_decode 3.5'
    expect(one('server-batches', llama).says).toBe('batches average 3.5 sequences (since it started)')
  })

  it('and memory for keys and values that is full, or that cannot be', () => {
    const usage = (value: number): string => of('vllm:kv_cache_usage_perc', value)
    expect(one('server-kv-cache', usage(0.5)).severity).toBe('ok')
    expect(one('server-kv-cache', usage(0.99)).severity).toBe('warning')
    expect(one('server-kv-cache', usage(7)).severity).toBe('unknown')
    expect(one('server-kv-cache', of('vllm:kv_cache_usage_perc', Number.NaN)).severity).toBe('skipped')
    const put = (count: number): string => `${usage(0.4)}\n${of('vllm:num_preemptions_total', count)}`
    expect(one('server-kv-cache', put(3), put(5)).says).toContain('2 sequences were preempted a moment ago')
    // Older vLLM versions.
    expect(one('server-kv-cache', of('vllm:gpu_cache_usage_perc', 0.99)).severity).toBe('warning')
  })
})

describe('what goes wrong', () => {
  const requested = (status: number, count: number, route = '/v1/chat/completions'): string =>
    `hadal_http_requests_total{route="${route}",status="${status}"} ${count}`

  it('is counted among what models were asked', () => {
    const text = [
      requested(200, 980),
      requested(500, 20),
      requested(500, 9000, '/metrics'),
      'hadal_errors_total{code="engine_crashed"} 20',
    ].join('\n')
    expect(one('server-errors', text)).toMatchObject({
      severity: 'error',
      says: expect.stringContaining('2.0 % of 1000 requests failed'),
      evidence: ['engine_crashed: 20'],
    })
    expect(one('server-errors', text, undefined, slo({ availability: 0.95 })).severity).toBe('ok')
  })

  it('and refusals apart from it, with their reasons', () => {
    const text = [
      requested(200, 80),
      requested(429, 20),
      'hadal_errors_total{code="queue_full"} 15',
      'hadal_key_refusals_total{reason="rate_limited"} 5',
    ].join('\n')
    expect(one('server-errors', text).severity).toBe('ok')
    expect(one('server-refusals', text)).toMatchObject({
      severity: 'warning',
      says: '20 of 100 requests were rejected (429, 503)',
      evidence: ['queue_full: 15', 'key: rate_limited: 5'],
    })
    expect(one('server-refusals', requested(200, 80)).severity).toBe('ok')
  })

  it('is seen at engines that were started again, just now or before', () => {
    const engine = (restarts: number, ready = 1): string =>
      [of('hadal_engine_ready', ready), of('hadal_engine_restarts', restarts)].join('\n')
    expect(one('server-engine', engine(0)).severity).toBe('ok')
    expect(one('server-engine', engine(2)).severity).toBe('warning')
    expect(one('server-engine', engine(2), engine(3))).toMatchObject({
      severity: 'error',
      says: 'chat: its engine crashed a moment ago and was restarted (3 times in total)',
    })
    expect(one('server-engine', engine(0, 0)).severity).toBe('error')
  })

  it('is reported for each kind', () => {
    const finished = `${of('vllm:request_success_total', 30, ',finished_reason="abort"')}\n${of('vllm:request_success_total', 70, ',finished_reason="stop"')}`
    expect(one('server-clients-leave', finished)).toMatchObject({ severity: 'warning' })
    expect(one('server-config', 'hadal_config_last_reload_successful 0').severity).toBe('warning')
    expect(one('server-accounts', 'hadal_accounts_database_up 0').severity).toBe('error')
    const guard = [
      'hadal_guard_seconds_bucket{layer="rules",le="0.5"} 100',
      'hadal_guard_seconds_bucket{layer="rules",le="+Inf"} 100',
      'hadal_guard_seconds_sum{layer="rules"} 20',
      'hadal_guard_seconds_count{layer="rules"} 100',
      'hadal_guard_failures_total{check="words"} 3',
    ].join('\n')
    expect(find('server-guard', guard).map(({ severity }) => severity)).toEqual(['warning', 'note'])
  })

  it('at a start says which part takes long', () => {
    const phase = (name: string, seconds: number): string =>
      of('hadal_start_seconds', seconds, `,phase="${name}"`)
    const text = [phase('all', 62), phase('model', 55), phase('warmUp', 4)].join('\n')
    expect(one('server-start', text)).toMatchObject({
      severity: 'note',
      says: 'chat: its engine took 1m 2s to start, 55.0 s of it model',
    })
    expect(one('server-start', phase('all', 3)).severity).toBe('ok')
  })
})

describe('upstream replicas', () => {
  const replica = (name: string, up: number, state = 0): string =>
    [
      of('hadal_upstream_replica_up', up, `,replica="${name}"`),
      of('hadal_upstream_breaker_state', state, `,replica="${name}"`),
    ].join('\n')
  const places = (count: number): string => of('hadal_upstream_capacity', count)

  it('are counted, and those named that are not well', () => {
    const well = [places(128), replica('http://a', 1), replica('http://b', 1)].join('\n')
    expect(one('server-replicas', well)).toMatchObject({
      severity: 'ok',
      says: 'chat: 2 of 2 replicas are healthy',
    })
    const half = [places(64), replica('http://a', 1), replica('http://b', 0, 2)].join('\n')
    expect(one('server-replicas', half)).toMatchObject({ severity: 'warning', evidence: ['http://b'] })
    const none = [places(0), replica('http://a', 0)].join('\n')
    expect(one('server-replicas', none).severity).toBe('error')
    expect(one('server-replicas', places(0)).says).toBe('chat: no replica was found')
  })

  it('of a sleeping model are fine unless the wake takes longer than the last one', () => {
    const asleep = [places(0), of('hadal_upstream_wake_eta_seconds', 45)]
    expect(one('server-replicas', asleep.join('\n'))).toMatchObject({ severity: 'note' })
    const waking = [
      ...asleep,
      of('hadal_upstream_held', 3),
      of('hadal_upstream_wake_seconds', 60, ',phase="all"'),
    ]
    expect(one('server-replicas', waking.join('\n')).severity).toBe('note')
    const late = [
      ...asleep,
      of('hadal_upstream_held', 3),
      of('hadal_upstream_wake_seconds', 30, ',phase="all"'),
    ]
    expect(one('server-replicas', late.join('\n')).severity).toBe('warning')
  })

  it('that fail although they are well are named', () => {
    const text = [
      places(64),
      replica('http://a', 1),
      of('hadal_upstream_attempts_total', 100, ',replica="http://a"'),
      of('hadal_upstream_failures_total', 30, ',replica="http://a"'),
    ].join('\n')
    expect(one('server-replicas', text)).toMatchObject({
      severity: 'warning',
      evidence: ['http://a: 30 of 100'],
    })
  })
})

describe('whatever a server says', () => {
  const names = serverSources.map(({ name }) => name)
  const good = [
    of('vllm:num_requests_waiting', 3),
    of('vllm:kv_cache_usage_perc', 0.4),
    times('vllm:e2e_request_latency_seconds', { '0.4': 50, '9.0': 50 }),
    times('hadal_guard_seconds', { '0.4': 50 }),
    of('hadal_upstream_capacity', 0),
    'hadal_http_requests_total{route="/v1/chat/completions",status="500"} 7',
    '{"data":[{"id":"a","status":null},{"id":{}},null,7,{"status":{"failed":true}}]}',
  ].join('\n')
  /** A good one of which pieces are lost, doubled or changed. */
  const mutated = fc
    .array(fc.tuple(fc.nat(good.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 12 })), {
      maxLength: 8,
    })
    .map((cuts) =>
      cuts.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), good),
    )
  const reading: fc.Arbitrary<RawReading> = fc.oneof(
    mutated.map((text) => ({ text })),
    fc.string({ unit: 'binary' }).map((text) => ({ text, isCut: true })),
    fc.json().map((text) => ({ text })),
    fc.record({
      failed: fc.constantFrom('absent', 'refused', 'timed-out', 'exited', 'unreadable'),
      detail: fc.constantFrom('HTTP 503', 'HTTP 401', 'HTTP', '', 'no response within 5 s'),
      text: fc.string(),
    }),
  )
  const readings = fc.dictionary(fc.constantFrom(...names), reading)

  it('no check throws, each says something, and each finding that is not well says what to do', () => {
    fc.assert(
      fc.property(readings, (given) => {
        const { findings } = runChecks(serverChecks, capture(given))
        expect(new Set(findings.map(({ id }) => id)).size).toBe(serverChecks.length)
        for (const { says, severity, fix, id } of findings) {
          expect(severities).toContain(severity)
          expect(says, id).not.toMatch(/the check itself failed|undefined|NaN|\[object/)
          if (!['ok', 'skipped'].includes(severity)) expect(fix?.text, id).toBeTruthy()
        }
      }),
      { numRuns: 300 },
    )
  })

  it('that does not answer, or whose figures cannot be read, is never well', () => {
    const broken = fc.constantFrom<RawReading>(
      { failed: 'timed-out', detail: 'no response within 5 s' },
      { failed: 'refused', detail: 'refused' },
      failed('HTTP 502', 'vllm:num_requests_waiting 0'),
    )
    fc.assert(
      fc.property(broken, (each) => {
        const { findings } = runChecks(
          serverChecks,
          capture(Object.fromEntries(names.map((name) => [name, each]))),
        )
        expect(findings.filter(({ severity }) => severity === 'ok')).toEqual([])
      }),
    )
  })

  it('that is another process at the second scrape is reported, and counters are not compared', () => {
    const look = (began: number, restarts: number): string =>
      `process_start_time_seconds ${began}\n${of('hadal_engine_restarts', restarts)}`
    expect(one('server-metrics', look(5, 0), look(9, 3))).toMatchObject({
      severity: 'warning',
      says: expect.stringContaining('another process'),
    })
    expect(one('server-engine', look(5, 0), look(9, 3)).severity).toBe('warning')
    expect(one('server-engine', look(5, 0), look(5, 3)).severity).toBe('error')
    expect(one('server-metrics', look(5, 0), look(5, 3)).severity).toBe('ok')
  })

  it('that has too many models is checked in part, and this is reported', () => {
    const text = Array.from({ length: 130 }, (_, at) => `vllm:num_requests_waiting{model_name="m${at}"} 0`)
    expect(one('server-metrics', text.join('\n'))).toMatchObject({
      severity: 'unknown',
      says: '30 of 130 models are not checked: there are too many',
    })
    expect(find('server-queue', text.join('\n'))).toHaveLength(100)
  })

  it('whose last line was cut within a number is known to be cut, and that line is not read', () => {
    const readings: Readings = {
      'server-metrics': {
        text: `${of('vllm:kv_cache_usage_perc', 0.1)}\n${of('vllm:num_requests_waiting', 4)}`,
      },
    }
    const { findings } = runChecks(serverChecks, capture(readings))
    expect(findings.find(({ id }) => id === 'server-metrics')?.severity).toBe('unknown')
    expect(findings.find(({ id }) => id === 'server-queue')?.severity).toBe('skipped')
  })

  it('makes nothing of what a look that was cut lacks', () => {
    const whole = `process_start_time_seconds 5\n${of('hadal_engine_restarts', 3)}\n${of('hadal_engine_ready', 1)}\n`
    const half = 'process_start_time_seconds 5\n'
    const look = (first: RawReading, later: RawReading): string =>
      runChecks(
        serverChecks,
        capture({ 'server-metrics': first, 'server-metrics-later': later }),
      ).findings.find(({ id }) => id === 'server-engine')!.says
    const once = look({ text: whole }, { text: whole })
    expect(look({ text: half, isCut: true }, { text: whole })).toBe(once)
    expect(look({ text: whole }, { text: half, isCut: true })).toBe(once)
    expect(look({ text: whole }, { failed: 'timed-out', detail: 'no answer', text: half })).toBe(once)
    expect(look({ text: whole }, failed('HTTP 500', half))).toBe(once)
  })

  it('that has several engines of one model is as full as the fullest of them', () => {
    const two = [0.3, 0.6].map((usage, at) => of('vllm:kv_cache_usage_perc', usage, `,engine="${at}"`))
    expect(one('server-kv-cache', two.join('\n'))).toMatchObject({
      severity: 'ok',
      says: 'chat: the KV cache is 60 % full',
    })
  })

  it('that says what cannot be is not well', () => {
    expect(one('server-queue', of('vllm:num_requests_waiting', -5)).severity).toBe('unknown')
    expect(one('server-kv-cache', of('vllm:kv_cache_usage_perc', 7)).severity).toBe('unknown')
  })

  it('with as many routes, layers and replicas as fit is read in linear time: one that is not would not end here', () => {
    const many = Array.from({ length: 60_000 }, (_, at) => at)
    const texts = [
      many.map((at) => `hadal_http_requests_total{route="/${at}/completions",status="500"} 1`),
      many.map((at) => `hadal_guard_seconds_count{layer="${at}"} 1`),
      many.flatMap((at) => [
        of('hadal_upstream_replica_up', 0, `,replica="${at}"`),
        of('hadal_upstream_breaker_state', 2, `,replica="x${at}"`),
      ]),
    ]
    for (const lines of texts) {
      const text = `${of('hadal_upstream_capacity', 1)}\n${lines.join('\n')}\n`
      const { findings } = runChecks(serverChecks, capture({ 'server-metrics': { text } }))
      expect(findings.map(({ says }) => says).join()).not.toContain('the check itself failed')
    }
  })

  it('has ids of its own', () => {
    const ids = serverChecks.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { reads } of serverChecks) for (const name of reads) expect(names).toContain(name)
  })
})
