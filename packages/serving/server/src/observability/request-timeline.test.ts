import { ManualClock } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accessFacts } from './access-facts.ts'
import { type RecordStart, RequestRecord } from './request-record.ts'
import { matesOf, timelineOf, timelineText } from './request-timeline.ts'
import { spanOf } from './span-of.ts'

function record(
  clock: ManualClock = new ManualClock(),
  isFollowed = true,
  id = 'a',
  onRequested?: (record: RequestRecord) => void,
): RequestRecord {
  const start: RecordStart = {
    clock,
    id,
    method: 'POST',
    route: '/v1/chat/completions',
    path: '/v1/chat/completions',
    arrivedAt: clock.now(),
    arrivedWall: 1_700_000_000_000,
    wantsTimeline: true,
    isFollowed,
    keepsTexts: false,
    span: undefined,
    trace: undefined,
  }
  return new RequestRecord(start, onRequested)
}
const done = (queueMillis: number, prefillMillis: number, decodeMillis: number) => ({
  finishReason: 'stop' as const,
  usage: { promptTokens: 100, cachedTokens: 36, completionTokens: 4, draftTokens: 3, acceptedDraftTokens: 2 },
  timings: { queueMillis, prefillMillis, decodeMillis },
})
const step = (running: number) => ({ step: 1, decodeTokens: 1, prefillTokens: 0, running, millis: 5 })

describe('a timeline', () => {
  it('records queue time, prompt chunks, cached tokens and batch mates of a sequence', () => {
    const clock = new ManualClock()
    const one = record(clock)
    one.asks({ operation: 'chat', model: 'nano' })
    const sequence = one.sequence()
    clock.advance(10)
    sequence.step(step(3))
    sequence.progress({ promptTokens: 100, cachedTokens: 36, computedTokens: 36, millis: 0 })
    sequence.progress({ promptTokens: 100, cachedTokens: 36, computedTokens: 68, millis: 4 })
    clock.advance(10)
    sequence.step(step(2))
    sequence.progress({ promptTokens: 100, cachedTokens: 36, computedTokens: 100, millis: 10 })
    sequence.wrote(1)
    clock.advance(20)
    sequence.step(step(1))
    sequence.wrote(3)
    sequence.finished(done(10, 10, 20), 'stop')
    expect(timelineOf(one, clock.now())).toEqual({
      id: 'a',
      at: 1_700_000_000_000,
      model: 'nano',
      route: '/v1/chat/completions',
      millis: 40,
      sequences: [
        {
          startMillis: 0,
          queueMillis: 10,
          prefillMillis: 10,
          decodeMillis: 20,
          firstTokenMillis: 20,
          promptTokens: 100,
          cachedTokens: 36,
          completionTokens: 4,
          draftTokens: 3,
          acceptedDraftTokens: 2,
          finishReason: 'stop',
          chunks: [
            [14, 32],
            [20, 32],
          ],
          steps: { count: 3, meanRunning: 2, mostRunning: 3 },
        },
      ],
    })
  })

  it('records what is known of a sequence that was cut off', () => {
    const clock = new ManualClock()
    const one = record(clock)
    one.asks({ operation: 'chat', model: 'nano' })
    const sequence = one.sequence()
    clock.advance(5)
    sequence.progress({ promptTokens: 9, cachedTokens: 0, computedTokens: 0, millis: 0 })
    sequence.wrote(2)
    clock.advance(5)
    sequence.cut()
    one.failed('engine_crashed')
    one.failed('client_gone')
    one.end(503)
    expect(accessFacts(one)).toMatchObject({ error: 'engine_crashed', promptTokens: 9, completionTokens: 2 })
    expect(spanOf(one).parts).toMatchObject([
      { name: 'queue', from: 1_700_000_000_000, to: 1_700_000_000_005 },
      { name: 'cut', to: 1_700_000_000_010 },
    ])
  })

  it('records which replica responded, and the usage it reported', () => {
    const clock = new ManualClock()
    const one = record(clock)
    clock.advance(1)
    one.asks({ operation: 'chat', model: 'big' })
    clock.advance(30)
    one.relay('http://a/v1')
    one.relay('http://a/v1', { promptTokens: 12, cachedTokens: 8, completionTokens: 34, reasoningTokens: 30 })
    clock.advance(100)
    one.end(200)
    expect(accessFacts(one)).toMatchObject({
      model: 'big',
      upstream: 'http://a/v1',
      promptTokens: 12,
      cachedTokens: 8,
      completionTokens: 34,
      firstTokenMillis: 31,
    })
    const { parts, attributes } = spanOf(one, { model: 'alias', stream: true })
    expect(attributes).toMatchObject({
      'gen_ai.request.model': 'alias',
      'gen_ai.response.time_to_first_chunk': 0.031,
      'gen_ai.usage.reasoning.output_tokens': 30,
    })
    expect(parts).toMatchObject([
      { name: 'relay', from: 1_700_000_000_001, to: 1_700_000_000_131, events: [{ at: 1_700_000_000_031 }] },
    ])
  })

  it('is of the model that answered, where others could not', () => {
    const clock = new ManualClock()
    const begun: string[] = []
    const one = record(clock, true, 'a', ({ requested }) => void begun.push(requested!.model))
    one.asks({ operation: 'chat', model: 'first' })
    one.sequence().cut()
    one.failed('engine_crashed')
    one.asks({ operation: 'chat', model: 'second' })
    one.relay('http://a/v1', { completionTokens: 3 })
    one.failed('upstream_unavailable')
    one.asks({ operation: 'chat', model: 'third' })
    one.sequence().finished(done(1, 1, 1), 'stop')
    one.end(200)
    expect(begun).toEqual(['first'])
    expect(accessFacts(one)).toMatchObject({ model: 'third', status: 200, completionTokens: 4 })
    expect(accessFacts(one)).not.toHaveProperty('error')
    expect(spanOf(one)).toMatchObject({ name: 'chat third', hasFailed: false })
    expect(spanOf(one).parts.map(({ name }) => name)).toEqual(['queue', 'prefill', 'decode'])
  })

  it('is one line of printable ASCII and at most 4096 bytes, whatever it is about', () => {
    const sequences = fc.array(fc.array(fc.nat(9_999), { maxLength: 80 }), { maxLength: 24 })
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), sequences, (model, all) => {
        const one = record()
        one.asks({ operation: 'chat', model })
        for (const chunks of all) {
          const sequence = one.sequence()
          let computedTokens = 0
          sequence.progress({ promptTokens: 1, cachedTokens: 0, computedTokens, millis: 0 })
          for (const tokens of chunks) {
            computedTokens += tokens
            sequence.progress({ promptTokens: 1, cachedTokens: 0, computedTokens, millis: 0 })
          }
        }
        const text = timelineText(timelineOf(one, 0))
        expect(text).toMatch(/^[\x20-\x7e]{1,4096}$/)
        const { model: said, sequences: shown, sequencesLeftOut = 0 } = JSON.parse(text)
        expect(said).toBe(model)
        expect(shown.length + sequencesLeftOut).toBe(all.length)
      }),
      { numRuns: 20 },
    )
  })
})

describe('mates', () => {
  /** A sequence with a slot between `from` and `to`. */
  function computed(id: string, model: string, from: number, to?: number): RequestRecord {
    const clock = new ManualClock()
    const one = record(clock, false, id)
    one.asks({ operation: 'chat', model })
    const sequence = one.sequence()
    clock.advance(from)
    sequence.wrote(1)
    if (to === undefined) return one
    clock.advance(to - from)
    sequence.finished(done(from, 0, to - from), 'stop')
    return one
  }

  it('are those of the same model whose places overlap', () => {
    const own = computed('own', 'nano', 10, 30)
    const waiting = record(new ManualClock(), false, 'waiting')
    waiting.asks({ operation: 'chat', model: 'nano' })
    waiting.sequence()
    const others = [
      computed('before', 'nano', 0, 10),
      computed('beside', 'nano', 0, 11),
      own,
      computed('within', 'nano', 15, 16),
      computed('still', 'nano', 29),
      computed('after', 'nano', 30, 50),
      computed('stranger', 'other', 15, 16),
      waiting,
    ]
    expect(matesOf(own, others, 60)).toEqual({ count: 3, ids: ['beside', 'within', 'still'] })
    expect(matesOf(waiting, others, 60)).toEqual({ count: 0, ids: [] })
  })

  it('are named as far as there is room', () => {
    const many = Array.from({ length: 100 }, (_, at) => computed(`m${at}`, 'nano', 0, 9))
    const { count, ids } = matesOf(many[0]!, many, 9)
    expect([count, ids.length]).toEqual([99, 16])
  })
})
