/**
 * What `batch` buys for an embedding model: one by one, with the fixed knobs that guides name, and as it is meant to be used,
 * for a function that computes texts as they are (llama.cpp) and for one that pads them to the longest (most frameworks).
 * The model has random weights and the size of all-MiniLM-L6; each turn has an engine process of its own. Its processor time
 * counts, too: it is steadier than the clock on a machine with other work. Linux only.
 *
 *     npm run bench batching -- [--rounds 3] [--threads 1] [--seconds 4]
 *
 * Results go to bench/reports/<date>-batching.json and .md.
 */

import { mkdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createLogger, quantileOfSorted } from '@hadal/base'
import { type BatchQueueOptions, drawLength, exponential, seededRandom } from '@hadal/batching'
import { createLlamaEngine } from '@hadal/engine'
import { type Batched, type BatchOptions, batch, median } from 'hadal'
import { markdownTable, writeReport } from '../report-files.ts'
import { type LengthCase, simulateLengths } from './lengths.ts'
import { makeEncoder } from './make-encoder.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '4' },
  },
})
const [rounds, threads, seconds] = [flags.rounds, flags.threads, flags.seconds].map(Number) as [
  number,
  number,
  number,
]
const cache = fileURLToPath(new URL('.cache', import.meta.url))
const modelPath = join(cache, 'random-encoder.gguf')

/** Token ids. */
type Text = readonly number[]
type Embed = Batched<Text, Float32Array>

const lengths = { kind: 'lognormal', median: 16, sigma: 0.8, most: 128 } as const
const clients = 64
const burstSize = 16
const budget = { maxBatchSize: 32, maxBatchTokens: 1024, tokensOf: (text: Text) => text.length }

const contenders: Readonly<Record<string, BatchOptions<Text>>> = {
  'one by one': { maxBatchSize: 1 },
  'batches of 16, 100 ms': { maxBatchSize: 16, timeoutMicros: 100_000 },
  'batches of 32, 50 ms': { maxBatchSize: 32, timeoutMicros: 50_000 },
  'no delay, in order': { ...budget, maxPassedOver: 0 },
  'no delay, by length': budget,
}

type Traffic = (embed: Embed, perSecond: number) => Promise<number[]>
const workloads: Readonly<Record<string, { readonly pads: boolean; readonly traffic: Traffic }>> = {
  [`${clients} clients`]: { pads: false, traffic: closedLoop },
  [`${clients} clients, padded`]: { pads: true, traffic: closedLoop },
  'bursts at half of what it can': { pads: false, traffic: bursts },
  'bursts at half of what it can, padded': { pads: true, traffic: bursts },
}

const lengthCases: readonly LengthCase[] = [64, 256].flatMap((callers) =>
  [16, 64, 256, 1024].map((callCost) => ({ callers, callCost })),
)
const lengthPolicies: Readonly<Record<string, BatchQueueOptions>> = {
  'one by one': { maxBatchSize: 1 },
  'in order': { maxPassedOver: 0 },
  'by length, half padding at most, 4 calls late': { maxPaddingShare: 0.5, maxPassedOver: 4 },
  'by length, any padding, 16 calls late': { maxPaddingShare: 1, maxPassedOver: 16 },
  'by length, 10 % padding, 16 calls late': { maxPaddingShare: 0.1, maxPassedOver: 16 },
  'by length (default: 30 %, 16 calls)': {},
}

interface Turn {
  readonly workload: string
  readonly contender: string
  readonly round: number
  readonly textsPerSecond: number
  /** Of the processor, in the engine's process. */
  readonly cpuMillisPerText: number
  readonly p50Millis: number
  readonly p99Millis: number
  readonly textsPerBatch: number
  readonly paddingShare: number
  readonly loadAverage: number
}

mkdirSync(cache, { recursive: true })
makeEncoder(modelPath)
const turns: Turn[] = []
/** Texts per second that the last contender gave when it was always busy: what the bursts are measured by. */
const capacity = { padded: 0, plain: 0 }
const probe = Object.keys(contenders).at(-1)!
for (const [workload, { pads }] of Object.entries(workloads).slice(0, 2))
  capacity[pads ? 'padded' : 'plain'] = (await turn(workload, probe, 0)).textsPerSecond
for (let round = 1; round <= rounds; round += 1)
  for (const workload of Object.keys(workloads))
    for (const contender of rotated(Object.keys(contenders), round)) {
      const measured = await turn(workload, contender, round)
      turns.push(measured)
      console.log(
        `round ${round}, ${workload}, ${contender}: ${measured.textsPerSecond.toFixed(0)} texts/s, ${measured.cpuMillisPerText.toFixed(2)} ms of the processor each, P99 ${measured.p99Millis.toFixed(0)} ms`,
      )
    }
report()

async function turn(workload: string, contender: string, round: number): Promise<Turn> {
  const loadAverage = loadavg()[0]!
  const { pads, traffic } = workloads[workload]!
  let pid = 0
  const logger = createLogger((_level, _text, fields) => {
    if (typeof fields.pid === 'number') pid = fields.pid
  }, 'debug')
  await using engine = createLlamaEngine({
    modelPath,
    logger,
    embeddings: true,
    threads,
    maxBatchSize: 32,
    maxBatchTokens: 1024,
  })
  await engine.ready()
  await using embed = batch(async (texts: readonly Text[]) => {
    const longest = Math.max(...texts.map((text) => text.length))
    const inputs = pads ? texts.map((text) => [...text, ...Array(longest - text.length).fill(0)]) : texts
    const { vectors } = await engine.embed({ id: 'batch', inputs })
    return vectors.map(([vector]) => vector!)
  }, contenders[contender]!)
  await Promise.all(drawTexts(8).map((text) => embed(text)))
  const before = embed.stats
  const cpuBefore = cpuMillis(pid)
  const begin = performance.now()
  const millis = await traffic(embed, capacity[pads ? 'padded' : 'plain'] / 2)
  const elapsed = performance.now() - begin
  const cpu = cpuMillis(pid) - cpuBefore
  const { items, batches, tokens, paddedTokens } = embed.stats
  const sorted = millis.sort((a, b) => a - b)
  const at = (share: number): number => quantileOfSorted(sorted, share)
  const padded = paddedTokens - before.paddedTokens
  return {
    workload,
    contender,
    round,
    textsPerSecond: millis.length / (elapsed / 1000),
    cpuMillisPerText: cpu / millis.length,
    p50Millis: at(0.5),
    p99Millis: at(0.99),
    textsPerBatch: (items - before.items) / (batches - before.batches),
    paddingShare: 'tokensOf' in contenders[contender]! ? 1 - (tokens - before.tokens) / padded : Number.NaN,
    loadAverage,
  }
}

/** Of all its threads; the kernel counts in hundredths of a second. */
function cpuMillis(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** So many callers, each with its next text as soon as it has its vector. Milliseconds of each. */
async function closedLoop(embed: Embed): Promise<number[]> {
  const end = performance.now() + seconds * 1000
  const texts = drawTexts(4096)
  const millis: number[] = []
  let next = 0
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const begin = performance.now()
      await embed(texts[next++ % texts.length]!)
      millis.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return millis
}

/** Poisson bursts of a geometric number of texts, whether or not the last are done. Milliseconds from when each was due. */
async function bursts(embed: Embed, perSecond: number): Promise<number[]> {
  const random = seededRandom(3)
  const texts = drawTexts(Math.ceil(perSecond * seconds))
  const begin = performance.now()
  const all: Promise<number>[] = []
  for (let due = 0, at = 0; at < texts.length; due += exponential(random, perSecond / burstSize) * 1000) {
    const early = begin + due - performance.now()
    if (early > 0) await setTimeout(early)
    do {
      const dueAt = begin + due
      all.push(embed(texts[at++]!).then(() => performance.now() - dueAt))
    } while (at < texts.length && random() > 1 / burstSize)
  }
  return Promise.all(all)
}

function drawTexts(count: number): Text[] {
  const random = seededRandom(2)
  return Array.from({ length: count }, () =>
    Array.from(
      { length: Math.max(2, drawLength(lengths, random)) },
      () => 1000 + Math.floor(random() * 20_000),
    ),
  )
}

function rotated<T>(all: readonly T[], by: number): T[] {
  const from = by % all.length
  return [...all.slice(from), ...all.slice(0, from)]
}

function report(): void {
  const simulated = lengthCases.map((each) => ({
    ...each,
    outcomes: Object.entries(lengthPolicies).map(([policy, options]) => ({
      policy,
      ...simulateLengths(options, each),
    })),
  }))
  const measured = { threads, seconds, lengths, clients, burstSize, capacity, turns, simulated }
  writeReport('batching', 'batching', measured, ({ date, command, machine }) => {
    const loads = turns.map(({ loadAverage }) => loadAverage)
    return `# Dynamic batching, ${date}

\`${command}\`

- ${machine}
- BERT of 6 layers of 384, Q8_0, random weights, llama.cpp, ${threads} thread${threads === 1 ? '' : 's'}; lengths lognormal, median 16 tokens, sigma 0.8, at most 128
- bursts of ${burstSize} texts on average, Poisson, at half of the texts/s that "${probe}" gave before: ${Math.round(capacity.plain / 2)}/s, padded ${Math.round(capacity.padded / 2)}/s; ${seconds} s each
- processor time is that of the engine's process; the clock also sees whatever else the machine does
- medians of ${rounds} rounds in alternation, each turn with a fresh engine; load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}

${Object.keys(workloads).map(section).join('\n\n')}

## By length, where a function pads: simulated

The same queue, always busy; a call costs so many tokens, and the padded ones of its batch. Texts per 1,000 tokens, then P99 and longest wait in thousands of tokens.

${markdownTable(
  ['callers', 'a call costs', ...Object.keys(lengthPolicies)],
  simulated.map(({ callers, callCost, outcomes }) => [
    callers,
    callCost,
    ...outcomes.map((each) =>
      [each.texts, each.p99, each.longest].map((figure) => figure.toFixed(1)).join(' / '),
    ),
  ]),
)}
`
  })
}

function section(workload: string): string {
  const rows = Object.keys(contenders).map((contender) => {
    const own = turns.filter((each) => each.workload === workload && each.contender === contender)
    const of = (read: (turn: Turn) => number): number => median(own.map(read))
    const padding = of((each) => each.paddingShare)
    return [
      contender,
      of((each) => each.textsPerSecond).toFixed(0),
      own.map((each) => each.textsPerSecond.toFixed(0)).join(', '),
      of((each) => each.cpuMillisPerText).toFixed(2),
      own.map((each) => each.cpuMillisPerText.toFixed(2)).join(', '),
      of((each) => each.p50Millis).toFixed(0),
      of((each) => each.p99Millis).toFixed(0),
      own.map((each) => each.p99Millis.toFixed(0)).join(', '),
      of((each) => each.textsPerBatch).toFixed(1),
      Number.isNaN(padding) ? '' : `${(100 * padding).toFixed(0)} %`,
    ]
  })
  const heads = [
    '',
    'texts/s',
    'each round',
    'processor ms a text',
    'each round',
    'P50 ms',
    'P99 ms',
    'each round',
    'texts a batch',
    'padding',
  ]
  return `## ${workload}\n\n${markdownTable(heads, rows)}`
}
