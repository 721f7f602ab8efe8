import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changed, filtersOf, pathOf } from './audit/audit-filters.ts'
import { cutAt, precisionCurves, rocCurves, thinned } from './measure/curves.ts'
import { splitMarks } from './try/split-marks.ts'

describe('a text with marks', () => {
  it('is cut where they begin and end, and the severest shows', () => {
    const marks = [
      { start: 2, end: 6, finding: 1 },
      { start: 4, end: 8, finding: 0 },
    ]
    expect(splitMarks('0123456789', marks)).toEqual([
      { start: 0, text: '01' },
      { start: 2, text: '23', finding: 1 },
      { start: 4, text: '4567', finding: 0 },
      { start: 8, text: '89' },
    ])
    expect(splitMarks('ab', [{ start: -5, end: 99, finding: 3 }])).toEqual([
      { start: 0, text: 'ab', finding: 3 },
    ])
  })

  it('loses nothing of the text', () => {
    const mark = fc.record({ start: fc.nat(40), end: fc.nat(40), finding: fc.nat(5) })
    fc.assert(
      fc.property(fc.string(), fc.array(mark, { maxLength: 8 }), (text, marks) => {
        const parts = splitMarks(text, marks)
        expect(parts.map((part) => part.text).join('')).toBe(text)
        for (const part of parts)
          expect(text.slice(part.start)).toMatch(new RegExp(`^[\\s\\S]{${part.text.length}}`))
      }),
    )
  })
})

describe('filters of the audit', () => {
  it('come from the address, and another one begins at the newest', () => {
    const filters = filtersOf(new URLSearchParams('action=block&before=7&layer=&key= blue &other=1'))
    expect(filters).toEqual({ action: 'block', key: 'blue', before: '7' })
    expect(changed(filters, { action: '', layer: 'rules' })).toEqual({ key: 'blue', layer: 'rules' })
    expect(pathOf(filters, 50)).toBe('/hadal/guard/verdicts?limit=50&action=block&key=blue&before=7')
  })

  it('are instants in local time, and are omitted when invalid', () => {
    const since = '2026-11-29T10:00'
    expect(pathOf({ since }, 5)).toContain(`since=${new Date(since).getTime()}`)
    expect(pathOf({ since: 'soon' }, 5)).toBe('/hadal/guard/verdicts?limit=5')
  })
})

describe('curves of a measurement', () => {
  const share = (of: number) => ({ count: 0, of, share: 0, low: 0, high: 1 })
  const points = [
    { threshold: 2, recall: 0, falsePositiveRate: 0 },
    { threshold: 0.9, recall: 0.5, falsePositiveRate: 0 },
    { threshold: 0.1, recall: 1, falsePositiveRate: 0.5 },
  ]
  const report = {
    roc: [{ language: 'en', points }],
    summary: {
      rate: 0.01,
      all: { name: 'all' },
      languages: [{ name: 'en', recall: share(10), falsePositives: share(20) }],
      sources: [],
      categories: [],
      layers: [],
      latency: [],
    },
  }

  it('say how much of what is stopped is an attack', () => {
    expect(rocCurves(report.roc)[0]!.points.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 1],
    ])
    expect(precisionCurves(report)[0]!.points).toEqual([
      { x: 0.5, y: 1, threshold: 0.9 },
      { x: 1, y: 0.5, threshold: 0.1 },
    ])
  })

  it('go on to the edge of a corner that is looked at', () => {
    const [curve] = rocCurves(report.roc)
    expect(cutAt(curve!.points, 0.1).map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [0, 0.5],
      [0.1, 0.6],
    ])
    expect(cutAt(curve!.points, 1)).toBe(curve!.points)
  })

  it('are thinned with their ends kept', () => {
    const rows = Array.from({ length: 1000 }, (_, at) => at)
    const kept = thinned(rows, 10)
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([10, 0, 999])
    expect(thinned([1, 2], 10)).toEqual([1, 2])
  })
})
