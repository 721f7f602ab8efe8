/**
 * From the spawn of a server to the first token of a short request: hadal against llama-server, and against itself without a
 * warm-up, in fresh processes that take turns. `hadal bench coldstart` measures what a long system prompt costs.
 *
 *     npm run bench coldstart -- [--rounds 7] [--models a.gguf,b.gguf] [--hadal-flags '--speculation off']
 *
 * LLAMA_SERVER names the program to compare with; without it that contender is left out. Without --models: one of 135M random
 * weights, which is made, and the bundled one. Results go to bench/reports/<date>-coldstart.json and .md.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from 'hadal'
import { markdownTable, writeReport } from '../report-files.ts'
import { type Contender, cacheFolder, hadal, llamaServer } from '../serving/contenders.ts'
import { makeModel } from '../serving/make-model.ts'
import { streamCompletion } from '../stream-completion.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    models: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    sequences: { type: 'string', default: '16' },
    context: { type: 'string', default: '256' },
    'hadal-flags': { type: 'string', multiple: true, default: ['--preload false'] },
  },
})

interface Start {
  readonly model: string
  readonly contender: string
  readonly round: number
  /** Of the machine, over the minute before: other work shows here. */
  readonly loadAverage: number
  readonly readyMillis: number
  readonly firstRequestMillis: number
  readonly firstTokenMillis: number
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const sizes = {
  threads: Number(flags.threads),
  sequences: Number(flags.sequences),
  context: Number(flags.context),
}
const program = process.env.LLAMA_SERVER
if (!program) console.log('LLAMA_SERVER names no program: llama-server is left out')
const contenders = [
  hadal(),
  ...flags['hadal-flags'].map((given) => hadal(given)),
  ...(program ? [llamaServer(program)] : []),
]
const models = flags.models?.split(',') ?? [randomModel(), join(root, 'models/nano/nano-q8_0.gguf')]
const starts: Start[] = []

for (const model of models) {
  for (const contender of contenders) await firstEver(contender, model)
  for (let round = 1; round <= Number(flags.rounds); round += 1) {
    // Each round begins with another one, so that none always runs on the warmer machine.
    const order = contenders.map((_, index) => contenders[(index + round - 1) % contenders.length]!)
    for (const contender of order) {
      const start = await measure(contender, model, round)
      starts.push(start)
      const [ready, first] = [start.readyMillis, start.firstTokenMillis].map((millis) => millis.toFixed(0))
      console.log(`${start.model} ${round}, ${start.contender}: ready ${ready} ms, first token ${first} ms`)
    }
  }
}
const versions = contenders.map(({ name, version }) => `${name} ${version}`)
writeReport(
  'coldstart',
  'coldstart',
  { versions, sizes, starts },
  ({ date, command, machine }) => `# Cold start, ${date}

\`${command}\`

- ${machine}
- ${versions.join(', ')}
- ${sizes.threads} threads, ${sizes.sequences} sequences of ${sizes.context} tokens; weights in the page cache, each server started once before
- a prompt of eight words, streamed, sent as soon as the server says that it is ready; medians of starts in turns, in milliseconds
- load average of the machine before each start: ${starts.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')}

${markdownTable(['model', 'server', 'spawn to ready', 'first request', 'spawn to first token', 'least', 'of each start'], rows())}
`,
)

function randomModel(): string {
  const path = join(cacheFolder, 'random-135m-q8_0.gguf')
  if (existsSync(path)) return path
  mkdirSync(cacheFolder, { recursive: true })
  makeModel(path)
  return path
}

/** Reads the weights into the page cache; hadal keeps its compiled code two seconds after its first start. */
async function firstEver(contender: Contender, model: string): Promise<void> {
  await using server = await contender.start({ model, ...sizes })
  await ask(server.url)
  await sleep(3000)
}

async function measure(contender: Contender, model: string, round: number): Promise<Start> {
  const loadAverage = loadavg()[0]!
  await using server = await contender.start({ model, ...sizes })
  const { url, spawnedAt, readyAt } = server
  const { sentAt, firstAt } = await ask(url)
  return {
    model: relative(root, model),
    contender: contender.name,
    round,
    loadAverage,
    readyMillis: readyAt - spawnedAt,
    firstRequestMillis: firstAt - sentAt,
    firstTokenMillis: firstAt - spawnedAt,
  }
}

async function ask(url: string): Promise<{ sentAt: number; firstAt: number }> {
  const prompt = 'Once upon a time there was a'
  const body = { model: 'bench', prompt, max_tokens: 4, temperature: 0, ignore_eos: true }
  const { sentAt, pieces, errorCode, broken } = await streamCompletion(`${url}/v1/completions`, body)
  if (pieces[0] === undefined) throw new Error(`no text came: ${errorCode ?? broken}`)
  return { sentAt, firstAt: pieces[0].at }
}

function rows(): (string | number)[][] {
  return models.flatMap((path) =>
    contenders.map(({ name }) => {
      const own = starts.filter((each) => each.model === relative(root, path) && each.contender === name)
      const of = (read: (start: Start) => number): string => median(own.map(read)).toFixed(0)
      const all = own.map((start) => start.firstTokenMillis)
      return [
        relative(root, path),
        name,
        of((start) => start.readyMillis),
        of((start) => start.firstRequestMillis),
        of((start) => start.firstTokenMillis),
        Math.min(...all).toFixed(0),
        all.map((millis) => millis.toFixed(0)).join(', '),
      ]
    }),
  )
}
