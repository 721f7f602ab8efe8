/**
 * Hadal against llama-server and node-llama-cpp: the same GGUF, the same threads, the same load, in fresh processes that take turns.
 *
 *     npm run bench serving -- [--rounds 3] [--model model.gguf] [--concurrency 1,8,16] [--only hadal,llama-server]
 *     npm run bench serving -- --only hadal --hadal-flags='--batch-invariant false'      hadal against itself
 *
 * LLAMA_SERVER names the program to compare with; without it that contender is left out. Without --model, one with random
 * weights is made. Results go to bench/reports/<date>-serving.json and .md.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type LevelReport, type LoadPlan, runLoad } from 'hadal'
import { type Contender, cacheFolder, hadal, llamaServer, nodeLlamaCpp } from './contenders.ts'
import { makeModel } from './make-model.ts'
import { type Round, writeReport } from './report.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    model: { type: 'string' },
    concurrency: { type: 'string', default: '1,8,16' },
    'prompt-tokens': { type: 'string', default: '64' },
    'output-tokens': { type: 'string', default: '64' },
    threads: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    'hadal-flags': { type: 'string', multiple: true, default: [] },
  },
})

const root = fileURLToPath(new URL('../..', import.meta.url))
const concurrencies = flags.concurrency.split(',').map(Number)
const [promptTokens, outputTokens] = [Number(flags['prompt-tokens']), Number(flags['output-tokens'])]
const model = flags.model ?? join(cacheFolder, 'random-135m-q8_0.gguf')
if (!existsSync(model)) {
  mkdirSync(cacheFolder, { recursive: true })
  makeModel(model)
}
const setup = {
  model,
  threads: Number(flags.threads),
  sequences: Math.max(...concurrencies),
  context: Math.ceil((promptTokens + outputTokens + 32) / 256) * 256,
}

const contenders = chooseContenders()
const rounds: Round[] = []
for (let round = 1; round <= Number(flags.rounds); round += 1) {
  // Each round begins with another one, so that none always runs on the warmer machine.
  const order = contenders.map((_, index) => contenders[(index + round - 1) % contenders.length]!)
  for (const contender of order) {
    const loadAverage = loadavg()[0]!
    const levels = await measure(contender)
    rounds.push({ contender: contender.name, round, loadAverage, levels })
    const speeds = levels.map((level) => level.outputTokensPerSecond.toFixed(0)).join(' / ')
    console.log(
      `round ${round}, ${contender.name}: ${speeds} tokens/s (load average ${loadAverage.toFixed(1)})`,
    )
  }
}
const page = writeReport(join(root, 'bench/reports'), {
  command: `npm run bench serving -- ${process.argv.slice(2).join(' ')}`.replace(/ -- $/, ''),
  versions: Object.fromEntries(contenders.map(({ name, version }) => [name, version])),
  setup: { ...setup, model: relative(root, model) },
  promptTokens,
  outputTokens,
  concurrencies,
  rounds,
})
console.log(`\n${page}`)

function chooseContenders(): Contender[] {
  const program = process.env.LLAMA_SERVER
  const wanted = flags.only?.split(',')
  const isWanted = (name: string): boolean => wanted === undefined || wanted.includes(name)
  if (!program) console.log('LLAMA_SERVER names no program: llama-server is left out')
  return [
    ...(isWanted('hadal') ? [hadal()] : []),
    ...flags['hadal-flags'].map((given) => hadal(given)),
    ...(program && isWanted('llama-server') ? [llamaServer(program)] : []),
    ...(isWanted('node-llama-cpp') ? [nodeLlamaCpp()] : []),
  ]
}

async function measure(contender: Contender): Promise<readonly LevelReport[]> {
  await using server = await contender.start(setup)
  const plan: LoadPlan = {
    target: {
      url: server.url,
      model: 'bench',
      endpoint: 'completions',
      extraBody: { ignore_eos: true },
      timeoutMillis: 600_000,
    },
    loads: concurrencies.map((concurrency) => ({ kind: 'closed', concurrency })),
    promptTokens: { kind: 'fixed', tokens: promptTokens },
    outputTokens: { kind: 'fixed', tokens: outputTokens },
    sharedPrefixTokens: 0,
    warmUpRequests: setup.sequences,
    seed: 1,
  }
  const { levels } = await runLoad(plan)
  const failed = levels.find((level) => level.failed > 0)
  if (failed) throw new Error(`${contender.name}: ${JSON.stringify(failed.errors)}`)
  return levels
}
