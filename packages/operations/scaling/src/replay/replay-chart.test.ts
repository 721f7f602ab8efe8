import { createStyle } from '@hadal/output'
import { describe, expect, it } from 'vitest'
import { replayChart } from './replay-chart.ts'
import { axisTexts, roundTimes } from './round-times.ts'
import type { ThinnedPoint } from './thinned-replay.ts'

const hour = 3_600_000
const point = (index: number, replicas: number, load: number, latencyP99Millis?: number): ThinnedPoint => ({
  at: index * hour,
  load,
  replicas,
  ready: replicas,
  backlog: 0,
  latencyP99Millis,
})

describe('a chart', () => {
  it('shows engines, work for them, and where answers were late', () => {
    const points = Array.from({ length: 24 }, (_, index) =>
      index < 12 ? point(index, 1, 0.4) : point(index, 2, 1.6, index === 12 ? 900 : 100),
    )
    const text = replayChart(
      { points, sloMillis: 500, timeText: (at) => new Date(at).toISOString().slice(11, 16) },
      createStyle(false),
    )
    expect(text).toBe(`    2             ░░░░░░░░░░░░
                  ••••••••••••
                  ░░░░░░░░░░░░
                  ░░░░░░░░░░░░
    1 ░░░░░░░░░░░░░░░░░░░░░░░░
      ░░░░░░░░░░░░░░░░░░░░░░░░
      ••••••••••••░░░░░░░░░░░░
      ░░░░░░░░░░░░░░░░░░░░░░░░
                  !
      00:00       12:00
      ░ engines   • load in engines   ! P99 above the SLO`)
  })

  it('keeps its margin whatever stands in it', () => {
    for (const engines of [1, 7, 12_345, 123_456, 1_234_567, 12_345_678]) {
      const text = replayChart(
        { points: [point(0, engines, 0), point(1, 1, 0)], sloMillis: 500, timeText: () => '00:00' },
        createStyle(false),
      )
      for (const line of text.split('\n').filter((each) => each.includes('░')))
        expect(line.indexOf('░'), text).toBe(6)
    }
  })

  it('names whole hours and days', () => {
    const times = Array.from({ length: 73 }, (_, index) => 1_000_000 + (index * 24 * hour) / 73)
    expect(roundTimes(times, 6).map(([, at]) => at / hour)).toEqual([4, 8, 12, 16, 20])
    expect(axisTexts(['Mon 05 00:00', 'Tue 06 00:00'])).toEqual(['Mon 05', 'Tue 06'])
    expect(axisTexts(['Mon 05 00:00', 'Mon 05 12:00'])).toEqual(['Mon 05 00:00', 'Mon 05 12:00'])
    expect(roundTimes([5], 6)).toEqual([])
    expect(roundTimes([], 6)).toEqual([])
  })
})
