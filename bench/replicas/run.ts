/**
 * Whether several engine processes on the same cores beat one: how many tokens a second come, what each costs of the processors, how
 * soon the first ones come, and what memory all processes hold together. Linux only.
 *
 *     npm run bench replicas -- [--model model.gguf] [--cores 2] [--clients 1,4,16] [--new-tokens 64] [--rounds 3] [--name replicas]
 *
 * Without --model, one of a 135M-parameter Llama's size with random weights is made. Contenders take turns, each in fresh processes.
 * Results go to bench/reports/<date>-<name>.json and .md.
 */

import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createLlamaEngine, createReplicatedEngine } from '@hadal/engine'
import { median } from 'hadal'
import { childrenOf } from '../processes.ts'
import { markdownTable, writeReport } from '../report-files.ts'
import { cacheFolder } from '../serving/contenders.ts'
import { makeModel } from '../serving/make-model.ts'

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    cores: { type: 'string', default: String(availableParallelism()) },
    clients: { type: 'string', default: '1,4,16' },
    'new-tokens': { type: 'string', default: '64' },
    name: { type: 'string', default: 'replicas' },
    rounds: { type: 'string', default: '3' },
  },
})
const modelPath = flags.model ?? join(cacheFolder, 'random-135m-q8_0.gguf')
if (!existsSync(modelPath)) {
  mkdirSync(cacheFolder, { recursive: true })
  makeModel(modelPath)
}
const cores = Number(flags.cores)
const newTokens = Number(flags['new-tokens'])

interface Contender {
  readonly name: string
  readonly replicas: number
  readonly threads: number
}

const contenders: readonly Contender[] = [
  { name: `1 process, ${cores} threads`, replicas: 1, threads: cores },
  { name: '1 process, 1 thread', replicas: 1, threads: 1 },
  { name: `${cores} processes, 1 thread each`, replicas: cores, threads: 1 },
  // Each leaves the cores that the other one uses.
  { name: `${cores} processes, ${cores} threads each`, replicas: cores, threads: cores },
]

/** Of 200 tokens, in the shared kind all but the last 8 the same. */
const kinds = { 'prompts of their own': 0, 'a common beginning': 192 } as const
type Kind = keyof typeof kinds
const promptTokens = 200

interface Measured {
  readonly contender: string
  readonly kind: Kind
  readonly clients: number
  readonly tokensPerSecond: number
  /** Of all engine processes, for each new token, prompts included. */
  readonly processorMillisPerToken: number
  readonly firstTokenMillis: number
  /** Proportional: what several processes share counts once. */
  readonly memoryMiB: number
  readonly loadAverage: number
}

const measured: Measured[] = []
for (let round = 0; round < Number(flags.rounds); round += 1)
  for (const kind of Object.keys(kinds) as Kind[])
    for (const clients of flags.clients.split(',').map(Number))
      for (const contender of contenders) {
        const result = await measure(contender, kind, clients)
        measured.push(result)
        console.log(JSON.stringify(result))
      }

writeReport(
  flags.name,
  'replicas',
  { model: relative('.', modelPath), weightBytes: statSync(modelPath).size, cores, newTokens, measured },
  ({ date, command, machine }) => {
    const middle = (of: readonly Measured[], value: (one: Measured) => number): number =>
      median(of.map(value))
    const rows = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
      flags.clients.split(',').flatMap((clients) =>
        contenders.map(({ name }) => {
          const own = measured.filter(
            (one) => one.contender === name && one.kind === kind && one.clients === Number(clients),
          )
          return [
            kind,
            clients,
            name,
            middle(own, ({ tokensPerSecond }) => tokensPerSecond).toFixed(0),
            middle(own, ({ processorMillisPerToken }) => processorMillisPerToken).toFixed(2),
            middle(own, ({ firstTokenMillis }) => firstTokenMillis).toFixed(0),
            middle(own, ({ memoryMiB }) => memoryMiB).toFixed(0),
          ]
        }),
      ),
    )
    const loads = measured.map(({ loadAverage }) => loadAverage)
    return `# Replicas, ${date}

\`${command}\`

- ${machine}
- weights of ${(statSync(modelPath).size / 1e6).toFixed(0)} MB, greedy, ${newTokens} new tokens after a prompt of ${promptTokens}; load averages ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}
- medians of ${flags.rounds} rounds, in each of which the contenders took turns; raw rounds in the JSON file

${markdownTable(['prompts', 'clients', 'engine', 'tokens/s', 'processor ms a token', 'first token ms', 'memory MiB'], rows)}
`
  },
)

/** Every client asks twice, so that the second time all beginnings are known. */
async function measure(
  { name, replicas, threads }: Contender,
  kind: Kind,
  clients: number,
): Promise<Measured> {
  const loadAverage = loadavg()[0]!
  const before = new Set(childrenOf(process.pid))
  await using engine = createReplicatedEngine({
    start: () =>
      createLlamaEngine({
        modelPath,
        threads,
        contextLength: 512,
        kvCacheBytes: 2 ** 29,
        speculation: 'off',
      }),
    replicas,
  })
  await engine.ready()
  while (engine.replicas.ready < replicas) await new Promise((resolve) => setTimeout(resolve, 20))
  const pids = childrenOf(process.pid).filter((pid) => !before.has(pid))
  const spentBefore = processorMillis(pids)
  const begin = performance.now()
  const firsts: number[] = []
  let tokens = 0
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (const time of [0, 1]) {
        const prompt = promptOf(client, time, kinds[kind], engine.model.vocabularySize)
        const asked = performance.now()
        let isFirst = true
        const request = { id: `${client}/${time}`, prompt, maxTokens: newTokens, stop: [], ignoreEos: true }
        for await (const event of engine.generate({ ...request, sampling: { temperature: 0 } })) {
          if (event.type !== 'delta') continue
          tokens += event.tokenCount
          if (isFirst) firsts.push(performance.now() - asked)
          isFirst = false
        }
      }
    }),
  )
  const seconds = (performance.now() - begin) / 1000
  return {
    contender: name,
    kind,
    clients,
    tokensPerSecond: tokens / seconds,
    processorMillisPerToken: (processorMillis(pids) - spentBefore) / tokens,
    firstTokenMillis: median(firsts),
    memoryMiB: pids.reduce((sum, pid) => sum + proportionalMiB(pid), 0),
    loadAverage,
  }
}

function promptOf(client: number, time: number, common: number, vocabulary: number): number[] {
  const token = (at: number): number => 300 + (at % (vocabulary - 300))
  const own = (at: number): number => token(client * 977 + time * 389 + at * 131)
  return Array.from({ length: promptTokens }, (_, at) => (at < common ? token(at * 61) : own(at)))
}

/** Of user and system together; ticks of 10 ms. */
function processorMillis(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return ticks.reduce((sum, each) => sum + 10 * each, 0)
}

function proportionalMiB(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024
}
