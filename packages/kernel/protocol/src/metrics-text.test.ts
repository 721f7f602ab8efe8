import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMetricsText } from './metrics-text.ts'

const read = (text: string) =>
  parseMetricsText(text).samples.map(({ name, labels, value }) => [name, { ...labels }, value])

describe('the text of /metrics', () => {
  it('has samples with labels, values and kinds', () => {
    const text = [
      '# HELP vllm:num_requests_waiting Waiting.',
      '# TYPE vllm:num_requests_waiting gauge',
      'vllm:num_requests_waiting{model_name="a/b \\"c\\"\\\\\\n",engine="0",} 3.0 1700000000000',
      'up 1',
      'bucket_total{le="+Inf"} 1e3 # {trace_id="x"} 0.5 1.6e9',
      'a NaN',
      'b -Inf',
      'c{} .5',
      '# EOF',
    ].join('\r\n')
    expect(read(text)).toEqual([
      ['vllm:num_requests_waiting', { model_name: 'a/b "c"\\\n', engine: '0' }, 3],
      ['up', {}, 1],
      ['bucket_total', { le: '+Inf' }, 1000],
      ['a', {}, Number.NaN],
      ['b', {}, Number.NEGATIVE_INFINITY],
      ['c', {}, 0.5],
    ])
    expect(parseMetricsText(text).kinds.get('vllm:num_requests_waiting')).toBe('gauge')
  })

  it('counts the lines that are none, and goes on', () => {
    const text = '<html>\nname{a="b} 1\nname{a=b} 1\nname 1,5\nname 0x10\nname\n1 2\ngood 1'
    const { samples, unreadLines } = parseMetricsText(text)
    expect(samples).toEqual([expect.objectContaining({ name: 'good', value: 1 })])
    expect(unreadLines).toBe(7)
  })

  it('keeps labels that are called like what objects have', () => {
    const [sample] = parseMetricsText('x{__proto__="1",constructor="2"} 1').samples
    expect(Object.keys(sample!.labels)).toEqual(['__proto__', 'constructor'])
  })

  it('never throws, and loses no good line among others', () => {
    const noise = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !/[\r\n]/.test(text))
    fc.assert(
      fc.property(fc.array(noise), fc.array(noise), (before, after) => {
        const text = [...before, 'marked_by_this_test{a="b"} 7', ...after].join('\n')
        const found = parseMetricsText(text).samples.filter(({ name }) => name === 'marked_by_this_test')
        expect(found.map(({ value }) => value)).toContain(7)
      }),
    )
  })

  it('gives back what a label was given', () => {
    const quoted = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
    const labels = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/[\r\n\u2028]/.test(text))
    fc.assert(
      fc.property(labels, fc.double(), (label, value) => {
        const text = `x{a="${quoted(label)}"} ${Number.isFinite(value) ? value : 'NaN'}`
        const [sample] = parseMetricsText(text).samples
        expect(sample!.labels.a).toBe(label)
        if (Number.isFinite(value)) expect(sample!.value).toBe(value + 0)
      }),
    )
  })

  it('gives nothing for a hostile line, however it repeats itself', () => {
    for (const start of ['x{', 'x{a="', 'x{a="b",', 'x{a="b"} '])
      for (const piece of ['{', 'a="', '\\', ' ', '1e', 'a,', '"', 'a="b",']) {
        const text = start + piece.repeat(Math.floor(16_000 / piece.length))
        expect(parseMetricsText(text)).toMatchObject({ samples: [], unreadLines: 1 })
      }
  })
})
