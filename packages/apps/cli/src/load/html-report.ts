/** A load report as one HTML page that needs nothing else: charts as inline SVG, and the numbers. */

import { describeDistribution } from '@hadal/batching'
import type { LevelReport } from './level-report.ts'
import { escapeXml, type LineChart, lineChart } from './line-chart.ts'
import type { LoadReport } from './run-load.ts'
import { describeLoad, describePartial, short } from './text-report.ts'

export function htmlReport(report: LoadReport, version: string): string {
  const { levels, target } = report
  const categories = levels.map((level) => describeLoad(level.load))
  const chart = (title: string, unit: string, series: LineChart['series']): string =>
    `<figure><figcaption>${escapeXml(title)} <span>${escapeXml(unit)}</span></figcaption>${lineChart({ categories, unit, series })}</figure>`
  const series = (name: string, read: (level: LevelReport) => number | undefined) => ({
    name,
    values: levels.map((level) => read(level) ?? 0),
  })
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(target.model)} under load</title>
<style>${pageStyle}</style>
<h1>${escapeXml(target.model)} under load</h1>
<p class="facts">${facts(report).map(escapeXml).join(' · ')}</p>
<div class="charts">
${chart('Throughput', 'output tokens/s', [series('output tokens/s', (level) => level.outputTokensPerSecond)])}
${chart('Time to first token', 'ms', [series('p50', (level) => level.ttftMillis?.p50), series('p99', (level) => level.ttftMillis?.p99)])}
${chart('Inter-token latency', 'ms', [series('p50', (level) => level.itlMillis?.p50), series('p99', (level) => level.itlMillis?.p99)])}
${chart('End to end', 'ms', [series('p50', (level) => level.e2eMillis?.p50), series('p99', (level) => level.e2eMillis?.p99)])}
</div>
${numbers(levels)}
<p class="facts">hadal ${escapeXml(version)}, ${escapeXml(report.startedAt)}</p>
</html>
`
}

function facts(report: LoadReport): string[] {
  const { target, plan, levels } = report
  const partial = describePartial(report)
  return [
    ...(partial === undefined ? [] : [partial]),
    new URL(target.url).origin,
    target.endpoint,
    `prompts of ${describeDistribution(plan.promptTokens)} tokens`,
    `answers of ${describeDistribution(plan.outputTokens)}`,
    ...(plan.sharedPrefixTokens > 0 ? [`the first ${plan.sharedPrefixTokens} shared`] : []),
    `seed ${plan.seed}`,
    ...(levels.some((level) => level.tokensFrom === 'pieces') ? ['tokens counted as pieces of text'] : []),
  ]
}

const percentiles = ['p50', 'p90', 'p95', 'p99'] as const

function numbers(levels: readonly LevelReport[]): string {
  const groups = ['ttftMillis', 'itlMillis', 'e2eMillis'] as const
  const head = ['TTFT ms', 'ITL ms', 'E2E ms'].map((name) => `<th colspan="4">${name}</th>`).join('')
  const under = groups.flatMap(() => percentiles).map((name) => `<th>${name}</th>`)
  const rows = levels.map((level) => {
    const cells = [
      short(level.requestsPerSecond),
      short(level.outputTokensPerSecond),
      ...groups.flatMap((group) =>
        percentiles.map((name) => (level[group] === undefined ? '-' : short(level[group][name]))),
      ),
      Object.entries(level.errors)
        .map(([code, count]) => `${count} ${code}`)
        .join(', ') || '0',
    ]
    const tds = cells.map((cell) => `<td>${escapeXml(cell)}</td>`).join('')
    return `<tr><th>${escapeXml(describeLoad(level.load))}</th>${tds}</tr>`
  })
  return `<table>
<tr><th rowspan="2">load</th><th rowspan="2">req/s</th><th rowspan="2">tokens/s</th>${head}<th rowspan="2">failed</th></tr>
<tr>${under.join('')}</tr>
${rows.join('\n')}
</table>`
}

export const pageStyle: string = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #667085; --line: #e4e7ec; --one: #1d6fb8; --two: #c2570c; --three: #7a4fb5; --four: #16794c; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #98a2b3; --line: #2c3543; --one: #6db3f2; --two: #f59e5b; --three: #b79ae6; --four: #5fcf98; --page: #10151d } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 68rem; margin: 2.5rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 }
.facts { color: var(--soft); margin: .3rem 0 1.5rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1.5rem }
figure { margin: 0 }
figcaption { font-weight: 600 }
figcaption span { font-weight: 400; color: var(--soft) }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif }
svg text { fill: var(--soft) }
svg .grid { stroke: var(--line) }
svg .s0 { stroke: var(--one); fill: var(--one) } svg .s1 { stroke: var(--two); fill: var(--two) }
svg .s2 { stroke: var(--three); fill: var(--three) } svg .s3 { stroke: var(--four); fill: var(--four) }
svg polyline { fill: none !important; stroke-width: 2 }
svg text:is(.s0, .s1, .s2, .s3) { stroke: none; font-weight: 600 } svg text.s0 { fill: var(--one) } svg text.s1 { fill: var(--two) }
svg text.s2 { fill: var(--three) } svg text.s3 { fill: var(--four) }
table { border-collapse: collapse; margin: 2rem 0 1rem; width: 100%; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th { font-weight: 600 }
`
