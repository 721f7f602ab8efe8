/**
 * The gateway in front of models in other servers: what it adds to an answer, what it loses while replicas fail, and what
 * routing by beginnings does for the caches of real engines.
 *
 *     npm run bench gateway -- [--rounds 3] [--only latency,failures,prefix] [--requests 2000] [--seconds 20] [--per-second 60] [--gateway bare]
 *
 * Results go to bench/reports/<date>-gateway.json and .md.
 */

import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Routing } from '@hadal/upstream'
import { median } from 'hadal'
import { markdownTable, writeReport } from '../report-files.ts'
import { addedLatency, type LatencyRow, sorts } from './added-latency.ts'
import { type FailurePlan, type FailureRun, failingReplicas } from './failing-replicas.ts'
import { type GatewayKind, startGateway } from './gateways.ts'
import { type PrefixPlan, type PrefixRun, prefixAffinity } from './prefix-affinity.ts'
import { startProgram } from './program.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'latency,failures,prefix' },
    requests: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '20' },
    'per-second': { type: 'string', default: '60' },
    gateway: { type: 'string', default: 'hadal serve' },
    replicas: { type: 'string', default: '3' },
    conversations: { type: 'string', default: '36' },
    'engine-flags': { type: 'string', default: '' },
  },
})
const rounds = Number(flags.rounds)
const parts = flags.only.split(',')
const loads: number[] = []

const latency: LatencyRow[] = []
for (let round = 1; parts.includes('latency') && round <= rounds; round += 1) {
  loads.push(loadavg()[0]!)
  await using replica = await startProgram('fake-upstream.mjs', JSON.stringify({ tokens: 8 }))
  await using bare = await startGateway('bare', { replicas: [replica.url] })
  await using serve = await startGateway('hadal serve', { replicas: [replica.url] })
  const ways = { direct: replica.url, 'the package alone': bare.url, 'hadal serve': serve.url }
  for (const sort of Object.keys(sorts)) {
    const rows = await addedLatency(ways, { requests: Number(flags.requests), sort })
    latency.push(...rows)
    for (const { way, addedP50, addedP99 } of rows)
      if (way !== 'direct')
        console.log(
          `round ${round}, ${sort}, ${way}: ${ms(addedP50)} ms added at P50, ${ms(addedP99)} at P99`,
        )
  }
}

const failurePlans: readonly Pick<FailurePlan, 'routing' | 'hedgeAfterMillis'>[] = [
  { routing: 'prefix' },
  { routing: 'leastOutstanding' },
  { routing: 'roundRobin' },
  { routing: 'leastOutstanding', hedgeAfterMillis: 400 },
]
const failures: FailureRun[] = []
for (let round = 1; parts.includes('failures') && round <= rounds; round += 1)
  for (const plan of failurePlans) {
    loads.push(loadavg()[0]!)
    const run = await failingReplicas({
      ...plan,
      gateway: flags.gateway as GatewayKind,
      seconds: Number(flags.seconds),
      perSecond: Number(flags['per-second']),
    })
    failures.push(run)
    console.log(`round ${round}, ${failureName(run)}: ${JSON.stringify(run)}`)
  }

const prefixPlan: PrefixPlan = {
  model: join(fileURLToPath(new URL('../..', import.meta.url)), 'models/nano/nano-q8_0.gguf'),
  replicas: Number(flags.replicas),
  conversations: Number(flags.conversations),
  atOnce: 12,
  turns: 5,
  systems: 6,
  engineFlags: flags['engine-flags'],
}
const routings: readonly Routing[] = ['roundRobin', 'leastOutstanding', 'prefix']
const prefix: PrefixRun[] = []
for (let round = 1; parts.includes('prefix') && round <= rounds; round += 1)
  for (let turn = 0; turn < routings.length; turn += 1) {
    loads.push(loadavg()[0]!)
    // Each round begins with another one.
    const run = await prefixAffinity(prefixPlan, routings[(turn + round - 1) % routings.length]!)
    prefix.push(run)
    console.log(`round ${round}, ${run.routing}: ${(run.hitRate * 100).toFixed(1)} % of prompt tokens cached`)
  }

writeReport(
  'gateway',
  'gateway',
  { rounds, loads, latency, failures, prefixPlan: { ...prefixPlan, model: 'models/nano' }, prefix },
  ({ date, command, machine }) => `# Gateway, ${date}

\`${command}\`

- ${machine}
- load average before each measurement: ${loads.map((each) => each.toFixed(1)).join(', ')}
${[latencyPage(), failurePage(), prefixPage()].join('')}`,
)

function latencyPage(): string {
  if (latency.length === 0) return ''
  const rows = Object.keys(sorts).flatMap((sort) =>
    [...new Set(latency.map(({ way }) => way))].map((way) => {
      const own = latency.filter((row) => row.sort === sort && row.way === way)
      const of = (read: (row: LatencyRow) => number): string => ms(median(own.map(read)))
      const added =
        way === 'direct'
          ? ['', '', '']
          : [
              of(({ addedP50 }) => addedP50),
              of(({ addedP99 }) => addedP99),
              own.map(({ addedP50 }) => ms(addedP50)).join(', '),
            ]
      return [sort, way, of(({ firstP50 }) => firstP50), of(({ firstP99 }) => firstP99), ...added]
    }),
  )
  return `
## What it adds

A replica that answers at once, asked directly, through \`@hadal/upstream\` behind a bare HTTP server, and through \`hadal serve\`, in turns, ${flags.requests} times each, one after another;
each in a process of its own on this machine. Milliseconds to the first byte of the body, medians over rounds.

${markdownTable(['request', 'way', 'P50', 'P99', 'added at P50', 'added at P99', 'added at P50, each round'], rows)}
`
}

function failurePage(): string {
  if (failures.length === 0) return ''
  const names = [...new Set(failures.map(failureName))]
  const rows = names.map((name) => {
    const runs = failures.filter((run) => failureName(run) === name)
    const each = (read: (run: FailureRun) => number | string): string => runs.map(read).join(', ')
    return [
      name,
      each(({ requests }) => requests),
      each(({ failedBeforeFirstByte }) => failedBeforeFirstByte),
      each(({ cutAfterFirstByte }) => cutAfterFirstByte),
      each(({ firstP50 }) => firstP50.toFixed(0)),
      each(({ firstP99 }) => firstP99.toFixed(0)),
      each(({ retried }) => retried),
      each(({ hedged }) => hedged),
    ]
  })
  return `
## What it loses

Three replicas behind ${flags.gateway === 'bare' ? '`@hadal/upstream` and a bare HTTP server' : '`hadal serve`'}, ${flags['per-second']} requests a second for ${flags.seconds} s. One is slow all the time; one is stopped (SIGSTOP: it takes connections and says nothing) after a quarter,
another one is killed (SIGKILL) after half. Each round's number.

${markdownTable(['routing', 'requests', 'failed before the first byte', 'cut after it', 'first byte P50, ms', 'P99, ms', 'retries', 'hedges'], rows)}
`
}

function prefixPage(): string {
  if (prefix.length === 0) return ''
  const rows = routings.map((routing) => {
    const runs = prefix.filter((run) => run.routing === routing)
    const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
    return [
      routing,
      percent(median(runs.map(({ hitRate }) => hitRate))),
      runs.map(({ hitRate }) => percent(hitRate)).join(', '),
      ms(median(runs.map(({ firstP50 }) => firstP50))),
      runs.map(({ shares }) => shares.join('/')).join(', '),
    ]
  })
  const { replicas, conversations, turns, atOnce, systems, engineFlags } = prefixPlan
  return `
## What routing by beginnings does

${replicas} \`hadal serve ${engineFlags}\` with the bundled model, one thread and 8 sequences each, fresh for each run; ${conversations} conversations of ${turns} turns, ${atOnce} at a time with pauses of 50 to 250 ms between turns, ${systems} different
instructions at their beginning. Of all prompt tokens, those that the engine found in its cache.

${markdownTable(['routing', 'cached, median', 'each round', 'first byte P50, ms', 'requests of each replica'], rows)}
`
}

function failureName({ routing, hedgeAfterMillis }: FailureRun): string {
  return hedgeAfterMillis === undefined ? routing : `${routing}, hedged after ${hedgeAfterMillis} ms`
}

function ms(value: number): string {
  return value.toFixed(2)
}
