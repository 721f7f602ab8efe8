/**
 * What speculative decoding buys and costs, at its extremes: text that repeats itself and text that never does, a draft
 * model that is always right and one that never is. The same engine with it off, measured (`auto`) and forced (`on`), in
 * fresh processes that take turns.
 *
 *     npm run bench speculation -- [--rounds 3] [--concurrency 1,8] [--output-tokens 192]
 *
 * The models have random weights and the size of a 135M-parameter Llama. Results go to bench/reports/<date>-speculation.json
 * and .md.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createLlamaEngine, type Engine, type LlamaEngineOptions, type SamplingParams } from '@hadal/engine'
import { median } from 'hadal'
import { type MakeModelOptions, makeModel } from '../serving/make-model.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    concurrency: { type: 'string', default: '1,8' },
    'output-tokens': { type: 'string', default: '192' },
    only: { type: 'string' },
  },
})
const here = fileURLToPath(new URL('.', import.meta.url))
const concurrencies = flags.concurrency.split(',').map(Number)
const outputTokens = Number(flags['output-tokens'])

const model = (name: string, options: MakeModelOptions): string => {
  const path = join(here, '.cache', `${name}.gguf`)
  mkdirSync(join(here, '.cache'), { recursive: true })
  if (!existsSync(path)) makeModel(path, options)
  return path
}
const plain = (): string => model('random-135m', {})
/** Says what its first five layers say. */
const shallow = (): string => model('shallow-135m', { workingLayers: 5 })

interface Workload {
  readonly name: string
  readonly temperature: number
  /** A token that is always the likeliest. */
  readonly forced?: number
  readonly modelPath: () => string
  readonly draftModelPath?: () => string
}

const workloads: readonly Workload[] = [
  { name: 'repeats itself always', temperature: 0, forced: 1000, modelPath: plain },
  { name: 'seldom repeats (greedy)', temperature: 0, modelPath: plain },
  { name: 'never repeats (temperature 1)', temperature: 1, modelPath: plain },
  {
    name: 'draft model of five layers, always right',
    temperature: 0,
    modelPath: shallow,
    draftModelPath: () => model('draft-right', { layers: 5 }),
  },
  {
    name: 'draft model of five layers, never right',
    temperature: 0,
    modelPath: shallow,
    draftModelPath: () => model('draft-wrong', { layers: 5, seed: 7 }),
  },
]
const modes = ['off', 'auto', 'on'] as const
type Mode = (typeof modes)[number]

interface Measured {
  readonly workload: string
  readonly clients: number
  readonly mode: Mode
  readonly round: number
  readonly tokensPerSecond: number
  readonly draftTokens: number
  readonly acceptedDraftTokens: number
  readonly loadAverage: number
}

const results: Measured[] = []
for (let round = 1; round <= Number(flags.rounds); round += 1)
  for (const workload of workloads.filter(
    ({ name }) => flags.only === undefined || name.includes(flags.only),
  ))
    for (const clients of concurrencies)
      for (const at of modes.keys()) {
        const mode = modes[(at + round - 1) % modes.length]!
        const loadAverage = loadavg()[0]!
        const measured = await measure(workload, mode, clients)
        results.push({ workload: workload.name, clients, mode, round, loadAverage, ...measured })
        console.log(
          `round ${round}, ${workload.name}, ${clients} clients, ${mode}: ${measured.tokensPerSecond.toFixed(0)} tokens/s`,
        )
      }
report()

async function measure(
  { temperature, forced, modelPath, draftModelPath }: Workload,
  mode: Mode,
  clients: number,
): Promise<Pick<Measured, 'tokensPerSecond' | 'draftTokens' | 'acceptedDraftTokens'>> {
  const options: LlamaEngineOptions = {
    modelPath: modelPath(),
    ...(draftModelPath !== undefined && mode !== 'off' && { draftModelPath: draftModelPath() }),
    speculation: mode,
    maxBatchSize: clients,
    contextLength: 512,
  }
  await using engine = createLlamaEngine(options)
  await engine.ready()
  const sampling = { temperature, ...(forced !== undefined && { logitBias: new Map([[forced, 1000]]) }) }
  await generate(engine, 0, sampling, 32)
  const begin = performance.now()
  const usages = await Promise.all(
    Array.from({ length: clients }, (_, at) => generate(engine, at + 1, sampling, outputTokens)),
  )
  const seconds = (performance.now() - begin) / 1000
  const sum = (read: (usage: Usage) => number): number =>
    usages.reduce((total, usage) => total + read(usage), 0)
  return {
    tokensPerSecond: sum((usage) => usage.completionTokens) / seconds,
    draftTokens: sum((usage) => usage.draftTokens ?? 0),
    acceptedDraftTokens: sum((usage) => usage.acceptedDraftTokens ?? 0),
  }
}

type Usage = Awaited<ReturnType<typeof generate>>

async function generate(engine: Engine, seed: number, sampling: SamplingParams, maxTokens: number) {
  const prompt = Array.from({ length: 32 }, (_, at) => 1000 + ((seed * 7919 + at * 104_729) % 30_000))
  const request = { id: `${seed}`, prompt, maxTokens, stop: [], ignoreEos: true }
  for await (const event of engine.generate({ ...request, sampling: { ...sampling, seed } }))
    if (event.type === 'done') return event.usage
  throw new Error('the engine ended without a last event')
}

function report(): void {
  const date = new Date().toISOString().slice(0, 10)
  const command = `npm run bench speculation -- ${process.argv.slice(2).join(' ')}`.replace(/ -- $/, '')
  const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} threads, Node ${process.version}`
  const rows = [...new Set(results.map(({ workload }) => workload))].flatMap((workload) =>
    concurrencies.map((clients) => row(workload, clients)),
  )
  const loads = results.map(({ loadAverage }) => loadAverage)
  const page = `# Speculative decoding, ${date}

\`${command}\`

- ${machine}
- models of 135M parameters with random weights, Q8_0; ${outputTokens} new tokens a request, drafts of up to 8
- medians of ${flags.rounds} rounds in alternation, each in a fresh process; load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}

| text | clients | off, tokens/s | auto | on | auto / off | on / off | auto: drafted, right |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`
  const file = join(here, '../reports', `${date}-speculation`)
  writeFileSync(
    `${file}.json`,
    `${JSON.stringify({ date, command, machine, outputTokens, results }, null, 1)}\n`,
  )
  writeFileSync(`${file}.md`, page)
  console.log(`\n${page}`)
}

function row(workload: string, clients: number): string {
  const of = (mode: Mode): Measured[] =>
    results.filter((each) => each.workload === workload && each.clients === clients && each.mode === mode)
  const speed = (mode: Mode): number => median(of(mode).map(({ tokensPerSecond }) => tokensPerSecond))
  const [off, auto, on] = [speed('off'), speed('auto'), speed('on')]
  const drafted = median(of('auto').map(({ draftTokens }) => draftTokens))
  const right = median(of('auto').map(({ acceptedDraftTokens }) => acceptedDraftTokens))
  const cells = [workload, clients, ...[off, auto, on].map((each) => each.toFixed(0))]
  return `| ${[...cells, (auto / off).toFixed(2), (on / off).toFixed(2), `${drafted}, ${right}`].join(' | ')} |`
}
