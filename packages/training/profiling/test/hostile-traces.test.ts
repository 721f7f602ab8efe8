/** Traces come from anywhere: what they call things is text, and nothing else. */

import { runInNewContext } from 'node:vm'
import {
  advice,
  flamePage,
  rangeMeaning,
  readChromeTrace,
  servingAdvice,
  servingFacts,
  servingRows,
  summarizeTrace,
  type Trace,
  traceOf,
  traceTable,
  writeChromeTrace,
} from '@hadal/profiling'
import { describe, expect, it } from 'vitest'
import { span } from './drawn-traces.ts'

/** All that is made of a trace. */
function everything(trace: Trace): { readonly page: string; readonly table: string } {
  const summary = summarizeTrace(trace)
  const found = advice(summary)
  const models = servingFacts(trace)
  servingAdvice(models)
  models.map(servingRows)
  return {
    page: flamePage({ title: 't', trace, summary, advice: found }),
    table: traceTable({ summary, advice: found }).join('\n'),
  }
}

const odd = ['constructor', '__proto__', 'toString', 'hasOwnProperty'] as const

describe('names of a trace', () => {
  it('may be those that every object has', () => {
    const at = { pid: 1, tid: 1, ph: 'X' }
    const events = odd.flatMap((name, i) => [
      { ...at, cat: 'user_annotation', name: `ProfilerStep#${i}`, ts: 100 * i, dur: 90 },
      { ...at, cat: 'user_annotation', name: `phase:${name}`, ts: 100 * i, dur: 40 },
      { ...at, cat: 'user_annotation', name: `wait:${name}`, ts: 100 * i + 50, dur: 20 },
      { ...at, cat: name, name, ts: 100 * i + 75, dur: 5, args: JSON.parse(`{"${name}":"said"}`) },
    ])
    const trace = readChromeTrace(JSON.stringify({ traceEvents: events }))
    expect(trace.spans.filter(({ durationMicros }) => durationMicros === 5)).toMatchObject(
      odd.map((name) => ({ category: name, name })),
    )
    expect(trace.spans.find(({ category }) => category === 'toString')!.args).toEqual({ toString: 'said' })
    const { phases, waiting, steps } = summarizeTrace(trace)
    expect(phases.map(({ name }) => name)).toEqual([...odd])
    expect(steps.map((step) => Object.entries(step.phases))).toEqual(odd.map((name) => [[name, 40]]))
    expect(waiting.micros).toBe(80)
    everything(trace)
  })

  it('may be those in a trace of a server', () => {
    const spans = Array.from({ length: 30 }, (_, i) => [
      span('step', 'step', 100 * i, 90, { model: 'nano', running: 1, decodeTokens: 1 }, 'steps'),
      span('phase', 'constructor', 100 * i, 80, {}, 'steps'),
      span('operator', 'llama_decode', 100 * i + 82, 5, {}, 'steps'),
    ]).flat()
    const trace = traceOf([...spans, span('request', '__proto__', 0, 3000, { model: 'nano' }, 'slot 0')])
    const [facts] = servingFacts(trace)
    expect(facts!.steps.outsideMicros).toMatchObject({ constructor: 2400 })
    expect(Object.entries(facts!.requests.byOperation)).toEqual([['__proto__', 1]])
    for (const { cause, change } of servingAdvice([facts!]))
      expect([typeof cause, typeof change]).toEqual(['string', 'string'])
    everything(trace)
  })

  it('move no cursor and paint nothing in a terminal', () => {
    const evil = 'a\u001b[2J\u001b]0;title\u0007\r\nb\u009b31m'
    const trace: Trace = {
      ...traceOf([
        span('step', evil, 0, 10, {}, evil),
        span('phase', evil, 0, 9, {}, evil),
        span('operator', evil, 1, 6, { shapes: evil }, evil),
      ]),
      notes: [evil],
    }
    const read = readChromeTrace(writeChromeTrace(trace))
    expect(everything(read).table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect(everything(read).table).toContain('a\ufffd[2J')
    expect(rangeMeaning('phase:a\u001b[2J')).toEqual(['a\ufffd[2J', 'phase'])
  })
})

describe('a long trace', () => {
  it('may have more steps than a call has arguments', () => {
    const spans = Array.from({ length: 150_000 }, (_, i) => [
      span('step', 'step', 10 * i, 9),
      span('phase', 'forward', 10 * i, 5),
    ])
    expect(
      flamePage({
        title: 't',
        trace: traceOf([]),
        summary: summarizeTrace(traceOf(spans.flat())),
        advice: [],
      }),
    ).toContain('<h2>Steps</h2>')
  })

  it('may be longer than 32 bits of tenths of a microsecond', () => {
    const hour = 3.6e9
    const { page } = everything(
      traceOf([span('operator', 'aten::mm', 0, hour), span('operator', 'aten::mm', hour, 10)]),
    )
    const program = page.split('<script>').at(-1)!
    const reading = /^const \[nameOf.*$/m.exec(program)![0]
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!
    const columns = runInNewContext(
      `const data = ${data}\n${reading}\n;[[...startOf], [...lengthOf], [...selfOf]]`,
    )
    expect(JSON.parse(JSON.stringify(columns))).toEqual([
      [0, 10 * hour],
      [10 * hour, 100],
      [10 * hour, 100],
    ])
  })
})
