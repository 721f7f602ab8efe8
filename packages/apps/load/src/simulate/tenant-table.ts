/** Results of tenants under each policy, for the terminal. */

import { formatCount } from '@hadal/base'
import type { Percentiles, TenantPolicyReport, TenantReport } from '@hadal/batching'
import type { Style } from '@hadal/output'
import { formatTable, recognise, say } from '@hadal/output'
import { short } from '../load/text-report.ts'

type Column = readonly [
  title: string,
  cell: (tenant: TenantReport, seconds: number) => string,
  shown?: boolean,
]

/** `alone`: each tenant's result without the others. */
export function tenantTable(
  policies: readonly TenantPolicyReport[],
  alone: readonly TenantReport[],
  style: Style,
): string {
  const isLimited = policies.some(({ tenants }) => tenants.some(({ outcomes }) => outcomes.limited > 0))
  const aloneOf = (name: string) => alone.find((each) => each.name === name)?.ttftMillis
  const columns: readonly Column[] = [
    [say`requests`, ({ requests }) => formatCount(requests)],
    ['tokens/s', ({ servedTokens }, seconds) => short(servedTokens / seconds)],
    [say`fair share`, (tenant) => ofItsDue(tenant, style)],
    [say`queued`, ({ backlogged }) => percent(backlogged)],
    ['TTFT p50', ({ ttftMillis }) => seconds(ttftMillis, 'p50')],
    ['p99', ({ ttftMillis }) => style.bold(seconds(ttftMillis, 'p99'))],
    [say`alone`, ({ name }) => seconds(aloneOf(name), 'p99')],
    [
      say`rejected`,
      ({ outcomes, requests }) => refused(requests - outcomes.done - outcomes.limited, requests, style),
    ],
    [say`over limit`, ({ outcomes, requests }) => share(outcomes.limited, requests), isLimited],
  ]
  const shown = columns.filter(([, , isShown = true]) => isShown)
  const rows = policies.flatMap(({ name, tenants, report }) =>
    tenants.map((tenant, at) => [
      at === 0 ? recognise(name) : '',
      tenant.name,
      ...shown.map(([, cell]) => cell(tenant, report.simulatedMillis / 1000)),
    ]),
  )
  const heads = [say`policy`, say`tenant`, ...shown.map(([title]) => title)]
  const table = formatTable(
    [heads.map(style.dim), ...rows],
    heads.map((_, column) => (column < 2 ? 'left' : 'right')),
  )
  const legend = [
    say`times in seconds; alone: p99 with exclusive use of the service`,
    say`fair share: service relative to the max-min fair share, computed per minute from weights and demand`,
    say`queued: share of time with queued requests`,
  ]
  return `${table}\n${style.dim(legend.join('\n'))}`
}

/** One line per policy: overall fairness. */
export function fairnessTable(policies: readonly TenantPolicyReport[], style: Style): string {
  const rows = policies.map(({ name, jain, apart, bound, report }) => {
    const most = apart === undefined ? undefined : bound / apart.weight
    const isWithin = apart === undefined || apart.service <= most!
    return [
      recognise(name),
      jain.toFixed(3),
      apart === undefined
        ? '-'
        : (isWithin ? (text: string) => text : style.red)(formatCount(Math.round(apart.service))),
      most === undefined ? '-' : formatCount(Math.round(most)),
      apart === undefined ? '' : apart.tenants.join(' and '),
      `${Math.round(report.busy * 100)}%`,
    ]
  })
  const heads = [say`policy`, say`Jain's index`, say`gap`, say`bound`, say`tenants`, say`busy`]
  const table = formatTable(
    [heads.map(style.dim), ...rows],
    ['left', 'right', 'right', 'right', 'left', 'right'],
  )
  const legend =
    say`gap: maximum difference in weighted service between two tenants with queued requests, in tokens\n` +
    say`(a new one counts two); bound: twice the maximum served at once, guaranteed by virtual token counters`
  return `${table}\n${style.dim(legend)}`
}

function ofItsDue({ service, due }: TenantReport, style: Style): string {
  if (due === 0) return '-'
  const text = percent(service / due)
  return service < 0.9 * due ? style.red(text) : text
}

function refused(count: number, requests: number, style: Style): string {
  return count === 0 ? '0' : style.red(share(count, requests))
}

const share = (count: number, requests: number): string => (count === 0 ? '0' : percent(count / requests))
const percent = (part: number): string => `${short(part * 100)}%`

function seconds(percentiles: Percentiles | undefined, name: 'p50' | 'p99'): string {
  return percentiles === undefined ? '-' : short(percentiles[name] / 1000)
}
