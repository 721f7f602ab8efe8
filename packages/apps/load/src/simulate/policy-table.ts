/** Policies side by side, for the terminal. */

import type { Percentiles, PolicyReport } from '@hadal/batching'
import type { Style } from '@hadal/output'
import { formatTable, recognise, say } from '@hadal/output'
import { short } from '../load/text-report.ts'

type Cell = (report: PolicyReport['report']) => string

export function policyTable(policies: readonly PolicyReport[], style: Style): string {
  const of = (percentiles: Percentiles | undefined, name: 'p50' | 'p99'): string =>
    percentiles === undefined ? '-' : short(percentiles[name])
  const some = (is: (report: PolicyReport['report']) => boolean): boolean =>
    policies.some(({ report }) => is(report))
  const all: readonly (readonly [title: string, cell: Cell, isShown?: boolean])[] = [
    ['req/s', (report) => style.bold(short(report.requestsPerSecond))],
    ['tokens/s', (report) => short(report.outputTokensPerSecond)],
    ['TTFT p50', ({ ttftMillis }) => of(ttftMillis, 'p50')],
    ['p99', ({ ttftMillis }) => of(ttftMillis, 'p99')],
    ['ITL p50', ({ itlMillis }) => of(itlMillis, 'p50')],
    ['p99', ({ itlMillis }) => of(itlMillis, 'p99')],
    ['E2E p99', ({ e2eMillis }) => of(e2eMillis, 'p99')],
    [
      'embed p99',
      ({ embedMillis }) => of(embedMillis, 'p99'),
      some(({ embedMillis }) => embedMillis !== undefined),
    ],
    [say`queued`, ({ queue }) => short(queue.mean)],
    [say`busy`, ({ busy }) => `${Math.round(busy * 100)}%`],
    [say`preempted`, ({ preemptions }) => String(preemptions), some(({ preemptions }) => preemptions > 0)],
    [say`rejected`, (report) => refused(report, style)],
  ]
  const columns = all.filter(([, , isShown = true]) => isShown)
  const rows = policies.map(({ name, report }) => [
    recognise(name),
    ...columns.map(([, cell]) => cell(report)),
  ])
  const heads = [say`policy`, ...columns.map(([title]) => title)]
  const table = formatTable(
    [heads.map(style.dim), ...rows],
    heads.map((_, column) => (column === 0 ? 'left' : 'right')),
  )
  return `${table}\n${style.dim(say`times in milliseconds`)}`
}

function refused({ outcomes, requests }: PolicyReport['report'], style: Style): string {
  const count = requests - outcomes.done
  return count === 0 ? '0' : style.red(`${short((100 * count) / requests)}%`)
}
