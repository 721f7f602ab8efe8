/**
 * Overload: requests arrive at ten times what the server can answer. Those let in must have their first token in time, the
 * others an answer that says so at once and when to come back; memory stays as it is, and soon after the load all is as before.
 *
 *     npm run bench overload -- [--seconds 60] [--rounds 1] [--factor 10] [--slo-ttft 500] [--hadal-flags '--max-queue 64']
 *
 * `hadal serve` with the bundled model, or the one that --model names. Results go to bench/reports/<date>-overload.json and .md.
 */

import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { median } from 'hadal'
import { markdownTable, writeReport } from '../report-files.ts'
import { hadal } from '../serving/contenders.ts'
import type { StreamedCompletion } from '../stream-completion.ts'
import { type OverloadRun, overload, percentileOf, ttftOf, wasServed } from './overload.ts'

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '1' },
    factor: { type: 'string', default: '10' },
    clients: { type: 'string', default: '16' },
    'slo-ttft': { type: 'string', default: '500' },
    'prompt-tokens': { type: 'string', default: '32' },
    'output-tokens': { type: 'string', default: '32' },
    model: { type: 'string', default: 'nano' },
    'hadal-flags': { type: 'string', default: '' },
  },
})
const sloMillis = Number(flags['slo-ttft'])
const refusalMillis = 50
const recoveryMillis = 1000
const plan = {
  clients: Number(flags.clients),
  seconds: Number(flags.seconds),
  factor: Number(flags.factor),
  promptTokens: Number(flags['prompt-tokens']),
  outputTokens: Number(flags['output-tokens']),
}

type Figures = ReturnType<typeof figuresOf>
interface Round {
  readonly round: number
  readonly loadAverage: number
  readonly figures: Figures
  /** How many requests were answered with which error. */
  readonly refusals: Readonly<Record<string, number>>
  readonly memory: OverloadRun['memory']
}

const rounds: Round[] = []
for (let round = 1; round <= Number(flags.rounds); round += 1) {
  const loadAverage = loadavg()[0]!
  const run = await turn()
  const figures = figuresOf(run)
  rounds.push({ round, loadAverage, figures, refusals: refusalsOf(run.offered), memory: run.memory })
  console.log(`round ${round}: ${JSON.stringify(figures)}`)
}
writeReport('overload', 'overload', { plan, sloMillis, rounds }, ({ date, command, machine }) => {
  const row = (title: string, key: keyof Figures, limit?: number): string[] => {
    const values = rounds.map(({ figures }) => figures[key])
    const middle = median(values)
    const held = limit === undefined ? '' : `at most ${limit}: ${middle <= limit ? 'yes' : 'no'}`
    return [title, short(middle), values.map(short).join(', '), held]
  }
  return `# Overload, ${date}

\`${command}\`

- ${machine}
- \`hadal serve --model ${flags.model} --max-batch-size ${plan.clients} --slo-ttft ${sloMillis}ms ${flags['hadal-flags']}\`
- ${plan.promptTokens} prompt words, ${plan.outputTokens} new tokens; capacity: what ${plan.clients} clients get that wait for their answers; then Poisson arrivals at ${plan.factor} times that for ${plan.seconds} s, from a process on the same machine
- load average before each round: ${rounds.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')}
- refusals: ${rounds.map(({ refusals }) => JSON.stringify(refusals)).join(', ')}

${markdownTable(
  ['', 'median', 'each round', 'must hold'],
  [
    row('capacity, requests/s', 'capacity'),
    row('offered, requests/s', 'offeredPerSecond'),
    row('answered, requests/s', 'servedPerSecond'),
    row('let in, then failed', 'failed', 0),
    row('TTFT p50 of those let in, ms', 'ttftP50'),
    row('TTFT p99 of those let in, ms', 'ttftP99', sloMillis),
    row('TTFT p99 at capacity, ms', 'calmTtftP99'),
    row('refused, share', 'refusedShare'),
    row('refusal p50, ms', 'refusalP50'),
    row('refusal p99, ms', 'refusalP99', refusalMillis),
    row('delay p99 of the sender itself, ms', 'senderDelayP99'),
    row('refusals without Retry-After', 'withoutRetryAfter', 0),
    row('Retry-After said, mean s', 'retryAfterMean'),
    row('time the line ahead then took, mean s', 'backlogMean'),
    row('Retry-After too early, share', 'retryAfterTooEarly'),
    row('normal again after, ms', 'recovery', recoveryMillis),
    row('server memory at a quarter of the load, MiB', 'serverMiBEarly'),
    row('server memory at the end, MiB', 'serverMiBLate'),
    row('engine memory at a quarter of the load, MiB', 'engineMiBEarly'),
    row('engine memory at the end, MiB', 'engineMiBLate'),
  ],
)}

A Retry-After is too early when the requests that were let in before did not all have their first token by then. Normal: a new
request has its first token within the p99 at capacity.
`
})

async function turn(): Promise<OverloadRun> {
  const context = Math.ceil((plan.promptTokens * 3 + plan.outputTokens + 32) / 64) * 64
  const contender = hadal(`--slo-ttft ${sloMillis}ms --log-level warn ${flags['hadal-flags']}`)
  await using server = await contender.start({
    ...{ model: flags.model, threads: 1, sequences: plan.clients, context },
  })
  return await overload(server, plan)
}

function figuresOf({ capacity, calm, offered, memory, ...run }: OverloadRun) {
  const served = offered.filter(wasServed)
  const refused = offered.filter(wasRefused)
  const ttfts = served.map(ttftOf)
  const latencies = refused.map(({ sentAt, answeredAt }) => answeredAt! - sentAt)
  const hinted = refused.filter(({ retryAfterSeconds }) => retryAfterSeconds !== undefined)
  const backlogs = backlogSeconds(served, hinted)
  const early = memory[Math.floor(memory.length / 4)]!
  const late = memory.at(-1)!
  return {
    capacity,
    offeredPerSecond: offered.length / plan.seconds,
    servedPerSecond: served.length / plan.seconds,
    failed: offered.length - served.length - refused.length,
    ttftP50: percentileOf(ttfts, 0.5),
    ttftP99: percentileOf(ttfts, 0.99),
    calmTtftP99: percentileOf(calm.filter(wasServed).map(ttftOf), 0.99),
    refusedShare: refused.length / offered.length,
    refusalP50: percentileOf(latencies, 0.5),
    refusalP99: percentileOf(latencies, 0.99),
    senderDelayP99: run.senderDelayP99Millis,
    withoutRetryAfter: refused.length - hinted.length,
    retryAfterMean: mean(hinted.map(({ retryAfterSeconds }) => retryAfterSeconds!)),
    backlogMean: mean(backlogs),
    retryAfterTooEarly: mean(
      hinted.map(({ retryAfterSeconds }, at) => (retryAfterSeconds! < backlogs[at]! ? 1 : 0)),
    ),
    recovery: run.recoveryMillis,
    serverMiBEarly: early.serverMiB,
    serverMiBLate: late.serverMiB,
    engineMiBEarly: early.engineMiB,
    engineMiBLate: late.engineMiB,
  }
}

function wasRefused({ status }: StreamedCompletion): boolean {
  return status === 429 || status === 503
}

function refusalsOf(offered: readonly StreamedCompletion[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of offered) {
    if (wasServed(answer)) continue
    const key = `${answer.status ?? answer.broken} ${answer.errorCode ?? ''}`.trim()
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** From each refusal until all those let in before it had their first token. */
function backlogSeconds(
  served: readonly StreamedCompletion[],
  refused: readonly StreamedCompletion[],
): number[] {
  const inOrder = [...served].sort((a, b) => a.sentAt - b.sentAt)
  let [at, lastFirst] = [0, 0]
  const wait = new Map<StreamedCompletion, number>()
  for (const each of [...refused].sort((a, b) => a.sentAt - b.sentAt)) {
    for (; at < inOrder.length && inOrder[at]!.sentAt < each.sentAt; at += 1)
      lastFirst = Math.max(lastFirst, inOrder[at]!.pieces[0]!.at)
    wait.set(each, Math.max(0, lastFirst - each.answeredAt!) / 1000)
  }
  return refused.map((each) => wait.get(each)!)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}
