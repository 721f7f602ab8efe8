import { describe, expect, it } from 'vitest'
import { type Span, type Trace, traceOf } from '../trace.ts'
import { servingAdvice, servingSettings } from './serving-advice.ts'
import { servingFacts } from './serving-facts.ts'
import { servingRows } from './serving-rows.ts'

interface StepOptions {
  readonly decodes?: number
  readonly prefill?: number
  readonly running?: number
  readonly micros?: number
  /** Native part; all of it by default. */
  readonly native?: number
  readonly outside?: Readonly<Record<string, number>>
  readonly gap?: number
  readonly waiting?: number
  readonly args?: Readonly<Record<string, number | string>>
  readonly lane?: string
  readonly model?: string
}

/** All that was advised in these tests. */
const changes = new Set<string>()

/** A trace that is written down step by step. */
class Story {
  readonly spans: Span[] = []
  now = 0

  step(times: number, options: StepOptions = {}): this {
    const { decodes = 1, prefill = 0, running = 1, waiting = 0, gap = 0, outside = {} } = options
    const { lane = 'steps', model = 'nano' } = options
    const out = Object.values(outside).reduce((sum, each) => sum + each, 0)
    const { micros = 1000, native = micros - out } = options
    for (let at = 0; at < times; at += 1) {
      this.now += gap
      const args = { model, running, waiting, maxBatchSize: 4, kvCacheUsage: 0.1, ...options.args }
      this.#push({
        name: 'step',
        durationMicros: micros,
        lane,
        category: 'step',
        args: { ...args, decodeTokens: decodes, prefillTokens: prefill },
      })
      this.#push({ name: 'compute', durationMicros: native, lane, category: 'phase' })
      this.#push({ name: 'native code', durationMicros: native, lane, category: 'operator' })
      let from = this.now + native
      for (const [name, length] of Object.entries(outside)) {
        this.spans.push({ name, startMicros: from, durationMicros: length, lane, category: 'phase' })
        from += length
      }
      if (waiting > 0)
        this.#push({ name: '', durationMicros: micros, lane: 'queue', category: 'queue', args: { waiting } })
      this.now += micros
    }
    return this
  }

  request(args: Readonly<Record<string, number | string>>): this {
    const own = { id: 'r', model: 'nano', ...args }
    this.#push({ name: 'chat', durationMicros: 1, lane: 'slot 0', category: 'request', args: own })
    return this
  }

  idle(micros: number): this {
    this.now += micros
    return this
  }

  #push(span: Omit<Span, 'startMicros'>): void {
    this.spans.push({ startMicros: this.now, ...span })
  }

  get trace(): Trace {
    return { spans: this.spans, durationMicros: this.now }
  }

  get facts() {
    return servingFacts(this.trace)
  }

  get said() {
    const said = servingAdvice(this.facts)
    for (const { change } of said) changes.add(change)
    return said
  }

  get rules(): string[] {
    return this.said.map(({ rule }) => rule)
  }
}

const story = (): Story => new Story()
/** A healthy server: several sequences in a step, an empty queue, an engine with idle time. */
const well = (): Story => story().idle(200_000).step(50, { decodes: 3, running: 3 })

describe('the facts', () => {
  it('are there for each model, and for servers alone', () => {
    const both = story().step(2, { lane: 'a: steps', model: 'a' }).step(3, { lane: 'b: steps', model: 'b' })
    expect(both.facts.map(({ model, steps }) => [model, steps.count])).toEqual([
      ['a', 2],
      ['b', 3],
    ])
    const other: Span = { name: 's', startMicros: 0, durationMicros: 5, lane: 'main', category: 'step' }
    expect(servingFacts({ spans: [other], durationMicros: 5 })).toEqual([])
    expect(servingFacts({ spans: [], durationMicros: 0 })).toEqual([])
  })

  it('count tokens, kinds of steps and where time went', () => {
    const [facts] = story()
      .step(2, { decodes: 3, running: 3, outside: { sample: 200, 'own work': 100 } })
      .step(1, { decodes: 0, prefill: 64, running: 1, micros: 4000 })
      .step(1, { decodes: 2, prefill: 32, running: 3, micros: 3000, gap: 500, waiting: 2 }).facts
    expect(facts!.steps).toMatchObject({
      count: 4,
      micros: 9000,
      measuredMicros: 9000,
      nativeMicros: 8400,
      outsideMicros: { sample: 400, 'own work': 200 },
      betweenMicros: 500,
      decodeTokens: 8,
      prefillTokens: 96,
      decodeOnly: { count: 2, micros: 2000 },
      prefillOnly: { count: 1, micros: 4000 },
      mixed: { count: 1, micros: 3000 },
      whileWaiting: { micros: 3000, meanRunning: 3, meanWaiting: 2, kvCacheUsage: 0.1 },
    })
    expect(facts!.steps.meanRunning).toBeCloseTo((3 * 2000 + 4000 + 3 * 3000) / 9000)
    expect(facts!.queue).toEqual({ mean: (2 * 3000) / 9500, most: 2, micros: 3000 })
  })

  it('count no gap while a pass ran, nor one before a request arrived', () => {
    const before = story().step(1)
    const end = before.now
    const pass: Span = {
      name: 'pass',
      startMicros: end + 100,
      durationMicros: 600,
      lane: 'passes',
      category: 'step',
      args: { model: 'nano', running: 2, pass: 'text' },
    }
    before.spans.push(pass)
    const [facts] = before.step(1, { gap: 1000 }).step(1, { decodes: 0, prefill: 5, gap: 7000 }).facts
    expect(facts!.steps.betweenMicros).toBe(400)
    expect(facts!.passes).toEqual({ count: 1, micros: 600, inputs: 2 })
  })

  it('are rows of a table', () => {
    const reported = story()
      .step(4, {
        decodes: 3,
        running: 3,
        outside: { sample: 250 },
        args: { drafts: 1, draftTokens: 4, acceptedDraftTokens: 3 },
      })
      .request({
        firstTokenMillis: 40,
        queueMillis: 10,
        promptTokens: 100,
        cachedTokens: 25,
        completionTokens: 3,
      })
      .request({ error: 'queue_full' })
    const [facts] = reported.idle(4000).facts
    expect(servingRows(facts!)).toEqual([
      ['steps', '4, 1.0 ms each, 50 % of the time'],
      ['sequences per step', '3.0 of 4'],
      ['  decode only', '4, 1.0 ms each, 100 %'],
      ['tokens', '1500/s decoded, 0/s of prompts'],
      ['native code', '75 %, 0.75 ms a step'],
      ['  sample', '25 %, 0.25 ms a step'],
      ['between steps', '0.00 ms'],
      ['draft tokens', '16, 75 % accepted'],
      ['queued', 'nobody'],
      ['requests', '2 chat, 1 failed'],
      ['first token', '40.0 ms median, 40.0 ms P95, 10.0 ms of it queued'],
      ['prefix-cache hit rate', '25 %'],
    ])
  })
})

describe('the rows', () => {
  const span = (category: string, name: string, at: number, length: number, args = {}) => ({
    name,
    startMicros: at,
    durationMicros: length,
    lane: 'passes',
    category,
    args: { model: 'shirts', ...args },
  })
  const pass = (at: number) => [
    span('step', '2 rows', at, 1000, { running: 2, pass: 'tensors' }),
    span('phase', 'compute', at, 900),
    span('operator', 'native code', at, 900),
    span('phase', 'own work', at + 900, 100),
  ]

  it('of a model that has passes alone are of a pass', () => {
    const [facts] = servingFacts(traceOf([0, 2000, 4000, 6000].flatMap(pass)))
    expect(servingRows(facts!)).toEqual([
      ['native code', '90 %, 0.90 ms a pass'],
      ['  own work', '10 %, 0.10 ms a pass'],
      ['passes', '4, 1.0 ms each, 8 inputs'],
      ['queued', 'nobody'],
    ])
  })

  it('of one that has both are of either', () => {
    const step = { ...span('step', '1 decode', 9000, 500, { running: 1 }), lane: 'steps' }
    const [facts] = servingFacts(traceOf([...pass(0), step]))
    const rows = new Map(servingRows(facts!))
    expect(rows.get('native code')).toBe('90 %, 0.45 ms a step or pass')
    expect(rows.get('between steps')).toBe('0.00 ms')
  })
})

describe('the advice', () => {
  it('is silent about a server that is well', () => {
    expect(well().said).toEqual([])
  })

  it('is silent where too little was seen', () => {
    expect(story().step(5, { outside: { sample: 900 }, waiting: 4, running: 4 }).said).toEqual([])
  })

  it('reports time outside native code, and its largest parts', () => {
    const reported = well().step(50, { decodes: 3, running: 3, outside: { sample: 600, texts: 100 } }).said
    expect(reported).toEqual([
      {
        rule: 'outside-native',
        share: 0.35,
        sentence: '35 % of step time is outside native code: sample 30 %, texts 5 %',
        cause: expect.stringContaining('one thread'),
        change: expect.stringContaining('topK'),
      },
    ])
    const own = well().step(50, { decodes: 3, running: 3, outside: { 'own work': 600 } }).said
    expect(own[0]!.change).toContain('maxBatchSize')
    const plan = well().step(50, { decodes: 3, running: 3, outside: { plan: 600 } }).said
    expect(plan[0]!.change).toContain('speculation')
    const texts = well().step(50, { decodes: 3, running: 3, outside: { texts: 600 } }).said
    expect(texts[0]!.change).toContain('stop strings')
    expect(well().step(50, { decodes: 3, running: 3, outside: { sample: 400 } }).said).toEqual([])
  })

  it('reports time between steps', () => {
    const reported = well().step(50, { decodes: 3, running: 3, gap: 500 })
    expect(reported.said[0]).toMatchObject({
      rule: 'between-steps',
      sentence: '20 % of the time is between steps although sequences were running: 0.25 ms per step',
      change: expect.stringContaining('threads'),
    })
  })

  it('reports full batches, a full KV cache, and requests that are held back', () => {
    const waits = (running: number, kvCacheUsage: number) =>
      well().step(50, { decodes: running, running, waiting: 5, args: { kvCacheUsage } }).said
    expect(waits(4, 0.5)).toMatchObject([
      {
        rule: 'batch-full',
        share: 0.5,
        sentence: 'batches average 4.0 sequences while 5.0 requests were queued, for 50 % of step time',
        change: 'Raise maxBatchSize above 4.',
      },
    ])
    expect(waits(2, 0.9)).toMatchObject([
      { rule: 'cells-full', change: expect.stringContaining('kvCacheBytes') },
    ])
    expect(waits(2, 0.5)).toMatchObject([
      { rule: 'held-back', change: expect.stringContaining('timeoutMicros') },
    ])
  })

  it('reports the share of queue time in the time to first token', () => {
    const reported = well()
    for (let at = 0; at < 6; at += 1) reported.request({ firstTokenMillis: 100, queueMillis: 60 })
    expect(reported.said).toMatchObject([
      {
        rule: 'queue',
        share: 0.6,
        sentence: 'queue time is 60 % of the time to first token: 60.0 ms of 100 ms',
        change: expect.stringContaining('sloTtftMillis'),
      },
    ])
    const quick = well()
    for (let at = 0; at < 6; at += 1) quick.request({ firstTokenMillis: 100, queueMillis: 20 })
    expect(quick.said).toEqual([])
  })

  it('reports steps that prefill lengthens, and time spent on prefill', () => {
    const reported = well().step(20, { decodes: 2, prefill: 128, running: 3, micros: 5000 })
    expect(reported.rules).toEqual(['prefill-stalls', 'prefill-share'])
    expect(reported.said[0]).toMatchObject({
      sentence: 'steps with prefill take 5.0 ms, others 1.0 ms: 67 % of step time delays running sequences',
      change: expect.stringContaining('maxPrefillTokensWhileDecoding'),
    })
    const read = well()
      .step(50, { decodes: 0, prefill: 512, running: 2, micros: 4000 })
      .request({ promptTokens: 100, cachedTokens: 4 })
    expect(read.said).toMatchObject([
      {
        rule: 'prefill-share',
        sentence: 'prefill takes 80 % of step time; the prefix-cache hit rate is 4 % of prompt tokens',
      },
    ])
  })

  it('reports preempted sequences and rejected draft tokens', () => {
    expect(well().step(50, { decodes: 3, running: 3, args: { preemptions: 1 } }).said).toMatchObject([
      { rule: 'preemptions', sentence: '50 sequences were preempted in 100 steps' },
    ])
    const drafts = { drafts: 1, draftTokens: 8, acceptedDraftTokens: 1 }
    expect(well().step(50, { decodes: 9, running: 3, args: drafts }).said).toMatchObject([
      { rule: 'drafts', sentence: '13 % of 400 draft tokens were accepted' },
    ])
  })

  it('reports passes that alternate with generation, and batches that stay small', () => {
    const reported = well().step(30, { lane: 'passes', running: 2, args: { pass: 'text' } })
    expect(reported.said).toMatchObject([
      {
        rule: 'passes',
        sentence: 'embedding passes over 60 texts take 38 % of compute time, alternating with generation',
      },
    ])
    expect(story().step(50).said).toMatchObject([
      {
        rule: 'alone',
        sentence: 'steps have 1.0 sequences on average, and the engine is busy 100 % of the time',
      },
    ])
    expect(story().step(50, { args: { maxBatchSize: 1 } }).said).toEqual([])
  })

  it('names the model where there are several', () => {
    const reported = story()
      .step(50, { decodes: 3, running: 3, lane: 'a: steps', model: 'a' })
      .step(50, { decodes: 3, running: 3, lane: 'b: steps', model: 'b', outside: { sample: 600 } })
    expect(reported.said.map(({ sentence }) => sentence)).toEqual([
      'b: 60 % of step time is outside native code: sample 60 %',
    ])
  })

  it('names settings, and no others than it says', () => {
    const words = [...changes].join(' ').match(/\b[a-zA-Z]+\b/g)!
    expect(words.filter((word) => /[a-z][A-Z]/.test(word) && !servingSettings.includes(word))).toEqual([])
    expect(servingSettings.filter((setting) => !words.includes(setting))).toEqual([])
  })
})
