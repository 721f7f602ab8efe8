import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, answerOf, prometheusAt, shownUrl } from './prometheus-at.ts'
import { countSources, numberOf, sampleOf, takeReading } from './take-reading.ts'

const never = new AbortController().signal
const vector = (...values: readonly unknown[]): Answer => ({
  series: values.map((value) => ({ value: value as [number, string] })),
})
const prometheus = (answers: Readonly<Record<string, Answer>>) => ({
  query: async (promql: string) => answers[promql] ?? { series: [] },
  queryRange: async () => ({ issue: 'not asked' }),
})

describe('a reading', () => {
  const query = { value: 'v', measuredAt: 'm' }
  const read = (answers: Readonly<Record<string, Answer>>, given = query) =>
    takeReading({ prometheus: prometheus(answers), now: () => 1_000_000 }, given, never)

  it('is as old as Prometheus says, whatever our clock is', async () => {
    expect(await read({ v: vector([50_000, '7']), m: vector([50_000, '49990']) })).toEqual({
      at: 990_000,
      value: 7,
    })
  })

  it('may be empty when the metric exists and the query allows it', async () => {
    const measured = { m: vector([50_000, '50000']) }
    expect(await read(measured)).toEqual({ missing: 'the series does not exist' })
    const fine = { ...query, noneIsFine: true as const }
    expect(await read(measured, fine)).toEqual({ at: 1_000_000, value: Number.NaN })
    expect(await read({}, fine)).toEqual({ missing: 'no metric measures it' })
  })

  it('converts sources to engines, and counts 0 when there are none', async () => {
    const count = (answer: Answer): Promise<number> =>
      countSources(prometheus({ c: answer }), { count: 'c', perReplica: 8 }, never)
    expect(await count(vector([1, '12']))).toBe(1.5)
    for (const answer of [vector(), vector([1, 'NaN']), { issue: 'away' }])
      expect(await count(answer)).toBe(0)
  })
})

describe('whatever comes', () => {
  it('of a URL with a name is shown without it', async () => {
    const url = 'http://reader:100%25%@127.0.0.1:1/prom/'
    expect(shownUrl(url)).toBe('http://127.0.0.1:1/prom')
    const answer = await prometheusAt({ url, timeoutMillis: 300_000 }).query('up', never)
    expect(answer).toEqual({ issue: expect.stringMatching(/^Prometheus does not respond: (?!.*100)/) })
  })

  it('is a result or an error, never a crash', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, text) => {
        const answer = answerOf(status, text)
        if ('issue' in answer) expect(answer.issue).toMatch(/^[^\n]{5,200}$/)
        else sampleOf(answer)
      }),
    )
  })

  it('in place of a series is an error', () => {
    const body = fc.tuple(
      fc.constantFrom('vector', 'matrix', 'scalar'),
      fc.array(fc.anything({ maxDepth: 3 })),
    )
    fc.assert(
      fc.property(body, ([resultType, result]) => {
        const answer = answerOf(200, JSON.stringify({ status: 'success', data: { resultType, result } }))
        if ('issue' in answer) return
        const sample = sampleOf(answer)
        if (sample !== 'none' && !('issue' in sample)) expect(typeof sample.value).toBe('number')
        for (const { values } of answer.series)
          for (const point of values ?? []) expect(Array.isArray(point)).toBe(true)
      }),
    )
    for (const result of [[null], [7], [{}], [{ values: [null] }]])
      expect(
        answerOf(200, JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })),
      ).toEqual({
        issue: expect.stringMatching(/^the server does not look like Prometheus; it returned: /),
      })
  })

  it('in place of a sample is an error', () => {
    const result = fc.array(
      fc.anything({ maxDepth: 2 }).map((value) => ({ value })),
      { maxLength: 2 },
    )
    fc.assert(
      fc.property(result, (series) => {
        const sample = sampleOf({ series } as unknown as Answer)
        if (sample !== 'none' && !('issue' in sample)) expect(typeof sample.value).toBe('number')
      }),
    )
  })

  it.each([
    ['NaN', Number.NaN],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['1e-05', 0.00001],
    ['-3.5', -3.5],
    ['', undefined],
    ['0x10', undefined],
    ['1,5', undefined],
    [' 1', undefined],
  ])('%j is %s', (text, value) => expect(numberOf(text)).toBe(value))
})
