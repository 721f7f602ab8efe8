import { runInNewContext } from 'node:vm'
import {
  advice,
  compareLines,
  flamePage,
  formatMicros,
  type Span,
  summarizeTrace,
  type Trace,
  traceOf,
  traceTable,
} from '@hadal/profiling'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawnTrace, span } from './drawn-traces.ts'

const evil = '</script><script>alert(1)</script>"\'&'
const spans: Span[] = [
  span('step', 'step 1', 0, 1000),
  span('phase', 'forward', 0, 600),
  span('module', 'layers.0.attention', 10, 500),
  span('operator', 'aten::contiguous', 20, 300, { shapes: '[2,3]' }),
  span('operator', evil, 350, 100),
  span('memory', 'memory', 360, 0, { bytes: 4096, address: 1 }),
]
const shown = (trace: Trace) => {
  const summary = summarizeTrace(trace)
  const facts = { title: evil, about: { note: evil }, utilization: 0.25, peakFlops: 4e10 }
  return { title: evil, trace, summary, advice: advice(summary, facts), facts }
}
const dataOf = (page: string): unknown =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!)

describe('flamePage', () => {
  const page = flamePage(shown(traceOf(spans, [evil])))

  it('asks nothing of a network, and lets nothing out of its place', () => {
    expect(page).not.toMatch(/https?:|src=|<link|@import|url\(/)
    expect(page).toContain("default-src 'none'")
    expect(page.split('<script').length).toBe(4)
    expect(page).not.toContain('alert(1)</script>"')
    expect(page.match(/<h1>(.*?)<\/h1>/)?.[1]).toBe(
      '&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;',
    )
  })

  it('has a program that parses, and is of both colour schemes', () => {
    const program = page.split('<script>').at(-1)!.split('</script>')[0]!
    expect(() => runInNewContext(`(() => { ${program} })`)).not.toThrow()
    expect(page).toContain('prefers-color-scheme: dark')
  })

  it('holds every span once, with names once', () => {
    const data = dataOf(page) as { names: string[]; columns: number[][]; memory: number[]; steps: object[] }
    expect(data.names).toEqual(['step 1', 'forward', 'layers.0.attention', 'aten::contiguous', evil])
    expect(data.columns.map((column) => column.length)).toEqual(Array.from({ length: 8 }, () => 5))
    expect(data.memory).toEqual([3600, 4096])
    expect(data.steps).toEqual([{ name: 'step 1', start: 0, end: 10_000 }])
  })
})

describe('traceTable', () => {
  it('says figures, advice, phases, operators and parts in lines that fit', () => {
    const lines = traceTable(shown(traceOf(spans, ['a note'])), { width: 60 })
    const text = lines.join('\n')
    for (const part of [
      'utilization (MFU)',
      '25 %',
      'layout copies',
      'forward',
      'aten::contiguous',
      'layers.*.attention',
      'note: a note',
    ])
      expect(text).toContain(part)
    const words = lines.slice(0, lines.indexOf('Phases of a step'))
    for (const line of words.slice(2)) expect(line.length).toBeLessThanOrEqual(60)
  })

  it('has no line with a trace that has nothing, but what was recorded', () => {
    expect(traceTable({ summary: summarizeTrace({ spans: [], durationMicros: 0 }), advice: [] })).toEqual([
      '  recorded  0.0 µs',
    ])
  })

  it('fits a terminal, whatever names are long', () => {
    const long = 'aten::_scaled_dot_product_flash_attention_for_cpu_backward'
    const reported = traceOf([
      span('step', 'step 1', 0, 2e6),
      span('module', 'model.layers.0.post_attention_layernorm.and.more', 0, 1.9e6),
      span('operator', long, 0, 1.8e6, { shapes: '[16,4,256,64] [16,4,256,64] [16,4,256,64]' }),
    ])
    const about = {
      processor: 'a processor with a very long name indeed',
      libtorch: '2.6.0 (OpenBLAS with OpenMP)',
    }
    const input = { summary: summarizeTrace(reported), advice: [], facts: { about } }
    for (const width of [80, 100, 140])
      for (const line of traceTable(input, { width })) expect(line.length).toBeLessThanOrEqual(width)
    expect(traceTable(input, { width: 140 }).join()).toContain(long.slice(0, 43))
  })

  it('says of every fact what it is', () => {
    const facts = { about: { precision: 'fp32', threads: '1' } }
    const summary = summarizeTrace(traceOf(spans))
    expect(traceTable({ summary, advice: [], facts })[0]).toBe('precision fp32, threads 1')
  })

  it('says what most is waited for', () => {
    const waits = [
      span('step', 'step 1', 0, 100),
      span('phase', 'data', 0, 8),
      span('wait', 'data', 1, 5),
      span('wait', 'ranks', 20, 12),
    ]
    expect(traceTable(shown(traceOf(waits))).join('\n')).toMatch(/waiting +20 % +for ranks/)
  })

  it('takes any trace', () => {
    fc.assert(
      fc.property(drawnTrace, ({ trace }) => {
        const all = shown(trace)
        expect(traceTable(all).join('\n')).not.toMatch(/NaN|Infinity|undefined/)
        expect(flamePage(all)).not.toMatch(/NaN|Infinity %|undefined</)
      }),
      { numRuns: 40 },
    )
  })
})

describe('compareLines', () => {
  it('says what takes longer in the second, and what less', () => {
    const first = { title: 'one', summary: summarizeTrace(traceOf(spans)), facts: {} }
    const faster = spans.map((each) =>
      each.name === 'aten::contiguous' ? { ...each, durationMicros: 100 } : each,
    )
    const second = { title: 'two', summary: summarizeTrace(traceOf(faster)), facts: {} }
    const text = compareLines(first, second).join('\n')
    expect(text).toMatch(/aten::contiguous +300 µs +100 µs +−200 µs/)
    expect(text).toMatch(/outside compiled code +600 µs +800 µs +\+200 µs/)
  })
})

it.each([
  [0, '0.0 µs'],
  [99.94, '99.9 µs'],
  [480, '480 µs'],
  [1234, '1.23 ms'],
  [12_340, '12.3 ms'],
  [123_400, '123 ms'],
  [1_234_000, '1.23 s'],
])('%d micros are %s', (micros, text) => {
  expect(formatMicros(micros)).toBe(text)
})
