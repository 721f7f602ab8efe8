/** A load report as one HTML page that needs nothing else: charts as inline SVG, and the numbers. */

import { describeDistribution } from '@hadal/batching'
import { escapeXml, type LineChart, lineChart, pageStyle } from '@hadal/output'
import type { LevelReport } from './level-report.ts'
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
