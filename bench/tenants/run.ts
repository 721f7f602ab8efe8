/**
 * Who gets what between a flood and a trickle: 24 simulated hours of four clients through the code that serves, in the order
 * they come, with limits of the flood's key, with fair shares, and with both, for floods of several sizes and several seeds.
 * No model is loaded; steps cost what a 135M model takes on two cores, roughly.
 *
 *     npm run bench tenants -- [--hours 24] [--seeds 3]
 *
 * Results go to bench/reports/<date>-tenants.json and .md.
 */

import { parseArgs } from 'node:util'
import {
  compareTenants,
  simulatedCosts,
  type Tenant,
  type TenantPolicyReport,
  type TenantReport,
  tenantsAlone,
} from '@hadal/batching'
import { markdownTable, type ReportFacts, writeReport } from '../report-files.ts'

const { values: flags } = parseArgs({
  options: { hours: { type: 'string', default: '24' }, seeds: { type: 'string', default: '3' } },
})
const hours = Number(flags.hours)
const seeds = Array.from({ length: Number(flags.seeds) }, (_, at) => at + 1)

const costs = simulatedCosts({
  step: { perStep: 4.5, perDecodeToken: 3, perPrefillToken: 1.1, perAttendedToken: 0.0012 },
  restorePerToken: 0.01,
})
const lengths = {
  promptTokens: { kind: 'lognormal', median: 96, sigma: 0.8, most: 1536 },
  outputTokens: { kind: 'lognormal', median: 48, sigma: 0.7, most: 768 },
} as const
const day = 24 * 3_600_000

/** `rate`: mean requests a second; the machine does about 2.5 of these. */
const tenantsWith = (rate: number): Tenant[] => [
  {
    name: 'flood',
    arrivals: { kind: 'bursts', requestsPerSecond: rate, burstMillis: 1_200_000, silenceMillis: 600_000 },
    ...lengths,
    limit: { requestsPerMinute: 60 },
  },
  { name: 'trickle', arrivals: { kind: 'poisson', requestsPerSecond: 0.05 }, ...lengths },
  {
    name: 'daily',
    arrivals: { kind: 'diurnal', requestsPerSecond: 0.4, swing: 0.9, periodMillis: day },
    ...lengths,
  },
  { name: 'paying', arrivals: { kind: 'poisson', requestsPerSecond: 0.2 }, ...lengths, weight: 3 },
]

interface Turn {
  readonly rate: number
  readonly seed: number
  readonly policies: readonly TenantPolicyReport[]
  readonly alone: readonly TenantReport[]
}

const turns: Turn[] = [1, 4, 16].flatMap((rate) =>
  seeds.map((seed) => {
    const time = { millis: hours * 3_600_000, seed }
    const tenants = tenantsWith(rate)
    const policies = compareTenants(tenants, time, {}, costs)
    console.log(`a flood of ${rate} requests/s, seed ${seed}`)
    return { rate, seed, policies, alone: tenantsAlone(tenants.slice(1), time, {}, costs) }
  }),
)

/** Least and greatest of all seeds, or the one value that all have. */
function range(values: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits))
  return least === most ? least! : `${least} to ${most}`
}

function table(rate: number): string {
  const those = turns.filter((turn) => turn.rate === rate)
  const rows = those[0]!.policies.flatMap(({ name: policy }, at) =>
    those[0]!.policies[at]!.tenants.map(({ name }, index) => {
      const found = those.map(({ policies }) => policies[at]!.tenants[index]!)
      const alone = those.flatMap(({ alone }) => alone.filter((each) => each.name === name))
      const percent = (of: (tenant: TenantReport) => number): string =>
        range(
          found.map((tenant) => 100 * of(tenant)),
          1,
        )
      return [
        index === 0 ? policy : '',
        name,
        percent(({ service, due }) => service / due),
        percent(({ outcomes, requests }) => outcomes.queue_full / requests),
        percent(({ outcomes, requests }) => outcomes.limited / requests),
        ...(['p50', 'p99'] as const).map((which) =>
          range(
            found.map(({ ttftMillis }) => ttftMillis![which] / 1000),
            2,
          ),
        ),
        alone.length === 0
          ? ''
          : range(
              alone.map(({ ttftMillis }) => ttftMillis!.p99 / 1000),
              2,
            ),
        range(
          found.map(({ waitMillis }) => waitMillis!.max / 1000),
          1,
        ),
      ]
    }),
  )
  const heads = [
    '',
    '',
    '% of its due',
    '% refused',
    '% over limit',
    'TTFT P50 s',
    'P99',
    'P99 alone',
    'longest in line',
  ]
  return markdownTable(heads, rows)
}

function fairness(rate: number): string {
  const those = turns.filter((turn) => turn.rate === rate)
  const rows = those[0]!.policies.map(({ name }, at) => {
    const found = those.map(({ policies }) => policies[at]!)
    const apart = found.map(({ apart }) => (apart === undefined ? 0 : apart.service * apart.weight))
    return [
      name,
      range(
        found.map(({ jain }) => jain),
        3,
      ),
      range(apart, 0),
      range(
        found.map(({ bound }) => bound),
        0,
      ),
      range(
        found.map(({ report }) => 100 * report.busy),
        0,
      ),
    ]
  })
  return markdownTable(['', "Jain's index", 'furthest apart', 'bound', '% busy'], rows)
}

function page({ date, command, machine }: ReportFacts): string {
  const rates = [...new Set(turns.map(({ rate }) => rate))]
  return `# Between a flood and a trickle, ${date}

\`${command}\`

- ${machine}; simulated, so that it is the same everywhere
- ${hours} hours, seeds ${seeds.join(', ')}; each cell has the least and the greatest of them
- 16 places, a line of 256; prompts lognormal, median 96, sigma 0.8, at most 1536; answers median 48, sigma 0.7, at most 768; the machine does about 2.5 requests/s
- flood: in bursts of 20 minutes and silences of 10, on average; its key may send 60 a minute where limits hold. trickle: 3 a minute. daily: 0.4 requests/s, swinging by 90 % over 24 hours. paying: 0.2 requests/s, weight 3
- of its due: of its max-min fair share by minutes. furthest apart, bound: in tokens (new ones count two), of two who both waited: Sheng et al. (2023), theorem 4.4

${rates
  .map((rate) => `## A flood of ${rate} requests a second on average\n\n${table(rate)}\n\n${fairness(rate)}`)
  .join('\n\n')}
`
}

/** What the page is made of. */
const measured = turns.map(({ policies, ...turn }) => ({
  ...turn,
  policies: policies.map(({ settings: _, report, ...policy }) => ({ ...policy, busy: report.busy })),
}))
writeReport('tenants', 'tenants', { hours, seeds, turns: measured }, page)
