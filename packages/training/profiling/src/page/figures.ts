/** The summary numbers at the top of the page and the terminal report. */

import { formatBytes, formatCount } from '@hadal/base'
import { percent } from '../advice/rule.ts'
import type { Facts } from '../facts.ts'
import type { TraceSummary } from '../summary/summary.ts'
import { formatMicros } from '../table/format-micros.ts'

export type Figure = readonly [name: string, value: string, more?: string | undefined]

export function figuresOf(summary: TraceSummary, facts: Facts): Figure[] {
  const { steps, totalMicros, outside, operators, memory, deviceMicros } = summary
  const figures: Figure[] = []
  if (steps.length > 0) {
    figures.push(['a step', formatMicros(totalMicros / steps.length), `mean of ${steps.length}`])
    const { perStep } = facts
    if (perStep)
      figures.push([
        `${perStep.unit} a second`,
        formatCount(Math.round((perStep.count * steps.length * 1e6) / totalMicros)),
      ])
  } else figures.push(['recorded', formatMicros(totalMicros)])
  if (facts.utilization !== undefined) {
    const peak = facts.peakFlops === undefined ? undefined : `of ${(facts.peakFlops / 1e9).toFixed(0)} GFLOPS`
    figures.push(['utilization (MFU)', percent(facts.utilization), peak])
  }
  if (operators.length > 0) figures.push(['outside compiled code', percent(outside.share)])
  if (deviceMicros !== undefined && totalMicros > 0)
    figures.push(['device busy', percent(deviceMicros / totalMicros)])
  const waits = waitsOf(summary)
  if (waits.length > 0) {
    const micros = waits.reduce((sum, [, each]) => sum + each, 0)
    const most = waits.reduce((one, other) => (other[1] > one[1] ? other : one))[0]
    figures.push(['waiting', percent(totalMicros > 0 ? micros / totalMicros : 0), `for ${most}`])
  }
  const peak = facts.memory?.peakBytes ?? memory?.peakBytes
  if (peak !== undefined)
    figures.push(['memory at the peak', formatBytes(peak), facts.memory ? undefined : 'more than before'])
  return figures
}

/** Wait times; `data` is the whole data phase if that is longer than its reported waits. */
function waitsOf({ waiting, phases }: TraceSummary): [name: string, micros: number][] {
  const waits = new Map(Object.entries(waiting.byName))
  const data = phases.find(({ name }) => name === 'data')
  if (data) waits.set('data', Math.max(data.micros, waits.get('data') ?? 0))
  return [...waits]
}
