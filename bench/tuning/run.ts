/**
 * What tuning buys: requests a second at the same 99th percentile, of bursty chat and embedding traffic, with the settings that
 * `hadal tune` found, with those of a guide that is widely followed (a window of 100 ms for batches of 8; then 50 ms for 32), and
 * with none said. The same server each time, in fresh processes that take turns.
 *
 *     npm run bench tuning -- [--rounds 2] [--requests 400] [--knobs '{"maxBatchSize":32}']
 *
 * Without --knobs, `hadal tune` finds them first, on other requests of the same traffic. Results go to
 * bench/reports/<date>-tuning.json and .md.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  brokenPromises,
  capacityWithin,
  drawTraffic,
  hasten,
  policies,
  simulatedCosts,
  type TrafficPlan,
} from '@hadal/batching'
import { median, replayTraffic } from 'hadal'
import { markdownTable, type ReportFacts, writeReport } from '../report-files.ts'
import { hadal } from '../serving/contenders.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    requests: { type: 'string', default: '400' },
    knobs: { type: 'string' },
    costs: { type: 'string' },
  },
})

const root = fileURLToPath(new URL('../..', import.meta.url))
const model = join(root, 'models/nano/nano-q8_0.gguf')
const threads = availableParallelism()
const contextLength = 512
const promiseMillis = 500
const slo = { ttftMillis: promiseMillis, embedMillis: promiseMillis }
/** As `hadal tune` draws it by these flags. */
const trafficFlags = [
  ...['--traffic', 'bursts', '--rate', '10', '--embed-share', '0.5'],
  ...['--prompt-tokens', 'lognormal:48,0.6,256', '--output-tokens', 'lognormal:32,0.5,128'],
  ...['--embed-tokens', 'lognormal:32,0.6,200'],
]
const traffic = (seed: number, requests: number): TrafficPlan => ({
  arrivals: { kind: 'bursts', requestsPerSecond: 10, burstMillis: 2000, silenceMillis: 4000 },
  sorts: [
    {
      share: 0.5,
      kind: 'generate',
      promptTokens: { kind: 'lognormal', median: 48, sigma: 0.6, most: 256 },
      outputTokens: { kind: 'lognormal', median: 32, sigma: 0.5, most: 128 },
    },
    { share: 0.5, kind: 'embed', promptTokens: { kind: 'lognormal', median: 32, sigma: 0.6, most: 200 } },
  ],
  requests,
  seed,
})

interface Knobs {
  readonly maxBatchSize?: number
  readonly timeoutMicros?: number
  readonly threads?: number
}

interface Probe {
  /** The traffic came so many times as fast. */
  readonly factor: number
  readonly offeredPerSecond: number
  readonly donePerSecond: number
  readonly ttftP99: number | undefined
  readonly embedP99: number | undefined
  readonly failed: number
  readonly kept: boolean
}

interface Round {
  readonly settings: string
  readonly round: number
  readonly loadAverage: number
  readonly probes: readonly Probe[]
  /** Requests a second of the fastest that kept the promise; 0 where none did. */
  readonly requestsPerSecond: number
}

const folder = mkdtempSync(join(tmpdir(), 'hadal-tuning-'))
process.on('exit', () => rmSync(folder, { recursive: true }))

const { tuned, costs } = findKnobs()
const contenders: readonly { readonly name: string; readonly knobs: Knobs }[] = [
  { name: 'guide: batches of 8, 100 ms', knobs: { maxBatchSize: 8, timeoutMicros: 100_000 } },
  { name: 'guide: batches of 32, 50 ms', knobs: { maxBatchSize: 32, timeoutMicros: 50_000 } },
  { name: 'nothing said', knobs: {} },
  { name: 'hadal tune', knobs: tuned },
]
const rounds: Round[] = []
let guess = 2
for (let round = 1; round <= Number(flags.rounds); round += 1) {
  const order = contenders.map((_, index) => contenders[(index + round - 1) % contenders.length]!)
  for (const { name, knobs } of order) {
    const loadAverage = loadavg()[0]!
    const probes = await search(knobs)
    const best = probes.filter(({ kept }) => kept).sort((a, b) => b.factor - a.factor)[0]
    guess = best?.factor ?? guess
    rounds.push({
      settings: name,
      round,
      loadAverage,
      probes,
      requestsPerSecond: best?.donePerSecond ?? 0,
    })
    console.log(
      `round ${round}, ${name}: ${best?.donePerSecond.toFixed(1) ?? 'no'} requests/s (load average ${loadAverage.toFixed(1)})`,
    )
  }
  report()
}

/** After each round: what came of those so far. */
function report(): void {
  const simulated = simulateStatic()
  const measured = {
    slo,
    traffic: traffic(2, Number(flags.requests)),
    summary: summarize(),
    simulated,
    rounds,
  }
  writeReport('tuning', 'tuning', measured, (facts) => page(facts, measured))
}

function summarize() {
  return contenders.map(({ name, knobs }) => {
    const own = rounds.filter(({ settings }) => settings === name)
    return { name, knobs, requestsPerSecond: median(own.map((each) => each.requestsPerSecond)) }
  })
}

/** By `hadal tune`, which measures this machine; or as given. */
function findKnobs(): {
  readonly tuned: Knobs
  readonly costs: Parameters<typeof simulatedCosts>[0] | undefined
} {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  if (flags.knobs !== undefined)
    return { tuned: JSON.parse(flags.knobs) as Knobs, costs: flags.costs && read(flags.costs) }
  const report = join(folder, 'tune.json')
  // It promises 500 ms where nothing is said; said, the service would refuse requests to keep it.
  const own = ['--model', model, '--embeddings']
  const tune = [
    join(root, 'packages/apps/cli/bin/hadal.js'),
    'tune',
    ...own,
    ...trafficFlags,
    '--json',
    report,
    '--validate',
    '0',
  ]
  execFileSync(process.execPath, tune, { stdio: 'inherit', cwd: folder })
  const { best, costs } = read(report)
  return { tuned: best.knobs, costs: costs.find((each: Knobs) => each.threads === best.knobs.threads) }
}

/** The fastest at which the promise is kept, within an eighth. */
async function search(knobs: Knobs): Promise<Probe[]> {
  const config = join(folder, 'hadal.config.json')
  writeFileSync(config, JSON.stringify({ contextLength, ...knobs }))
  const { maxBatchSize: sequences = 16 } = knobs
  const contender = hadal(`--config ${config} --embeddings`)
  const setup = { model, threads: knobs.threads ?? threads, sequences, context: contextLength }
  await using server = await contender.start(setup)
  const probe = (factor: number, requests = Number(flags.requests)): Promise<Probe> =>
    probeAt(server.url, factor, requests)
  await probe(0.5, 20)
  const probes: Probe[] = []
  let [good, bad] = [0, Number.POSITIVE_INFINITY]
  for (let factor = guess; probes.length < 7 && bad / good > 1.12; ) {
    const next = await probe(factor)
    probes.push(next)
    console.log(
      `  ${next.offeredPerSecond.toFixed(1)} a second: first tokens ${next.ttftP99?.toFixed(0)} ms, embeddings ${next.embedP99?.toFixed(0)} ms, ${next.failed} failed`,
    )
    if (next.kept) good = factor
    else bad = factor
    factor = good === 0 ? bad / 1.6 : bad === Number.POSITIVE_INFINITY ? good * 1.6 : Math.sqrt(good * bad)
  }
  return probes
}

async function probeAt(url: string, factor: number, requests: number): Promise<Probe> {
  const part = [...hasten(drawTraffic(traffic(2, requests)), factor)]
  const seconds = (part.at(-1)!.arrivalMillis - part[0]!.arrivalMillis) / 1000
  const target = { url, model: 'bench', timeoutMillis: 60_000, extraBody: { ignore_eos: true } }
  const scale = { tokensPerWord: 1, overheadTokens: 1 }
  // What is still unanswered then came too late anyway.
  const signal = AbortSignal.timeout(Math.round((seconds * 1.3 + 5) * 1000))
  const report = await replayTraffic(part, { target, scale, seed: 3, signal })
  const { done, ttftMillis, embedMillis, requestsPerSecond } = report
  return {
    factor,
    offeredPerSecond: (requests - 1) / seconds,
    donePerSecond: requestsPerSecond,
    ttftP99: ttftMillis?.p99,
    embedP99: embedMillis?.p99,
    failed: requests - done,
    kept: brokenPromises({ ...report, outcomes: { done } }, slo).length === 0,
  }
}

/** What the batches of guides are when a batch runs to its end, which no setting of this server makes it do: by what steps cost. */
function simulateStatic() {
  if (costs === undefined) return []
  const requests = [...drawTraffic(traffic(2, 2000))]
  return policies
    .filter(({ settings }) => settings.batches === 'static' || Object.keys(settings).length === 0)
    .map(({ name, settings }) => ({
      name,
      requestsPerSecond:
        capacityWithin(slo, requests, settings, simulatedCosts(costs))?.report.requestsPerSecond ?? 0,
    }))
}

function page(
  { date, command, machine }: ReportFacts,
  {
    summary,
    simulated,
  }: {
    readonly summary: ReturnType<typeof summarize>
    readonly simulated: ReturnType<typeof simulateStatic>
  },
): string {
  const base = summary[0]!.requestsPerSecond
  const gain = (value: number): string =>
    base === 0 ? '-' : `${value >= base ? '+' : ''}${Math.round((value / base - 1) * 100)} %`
  const of = (name: string): string =>
    rounds
      .filter(({ settings }) => settings === name)
      .map(
        ({ requestsPerSecond, loadAverage }) => `${requestsPerSecond.toFixed(1)} (${loadAverage.toFixed(1)})`,
      )
      .join(', ')
  return `# Tuned against a guide's settings, ${date}

\`${command}\` on ${machine}.

Bursts of 2 s and silences of 4 s on average, half chat (prompts of 48 tokens, answers of 32 at the median) and half texts to
embed (32 tokens), through the same server and the nano model: the fastest at which 99 of 100 first tokens and embeddings
come within ${promiseMillis} ms.

${markdownTable(
  ['settings', 'requests/s', 'against the first', 'rounds (load average before)'],
  summary.map(({ name, requestsPerSecond }) => [
    name,
    requestsPerSecond.toFixed(1),
    gain(requestsPerSecond),
    of(name),
  ]),
)}

\`hadal tune\` found ${JSON.stringify(tuned)}.
${
  simulated.length === 0
    ? ''
    : `
Batches that run to their end, as such guides build them, are not a setting of this server. Simulated with what steps cost here:

${markdownTable(
  ['policy', 'requests/s'],
  simulated.map(({ name, requestsPerSecond }) => [name, requestsPerSecond.toFixed(1)]),
)}
`
}`
}
