/**
 * Hadal against llama-server and others: the same GGUF, the same threads, the same load, in fresh processes that take turns.
 *
 *     npm run bench serving -- --scenario throughput [--rounds 3] [--concurrency 1,8,16,32] [--output-tokens 16-112]
 *     npm run bench serving -- --scenario shared-prefix      one beginning of 512 tokens, 32 clients at once
 *     npm run bench serving -- --scenario long-prompts       8 streams, while prompts of 4,000 tokens arrive
 *     npm run bench serving -- --only hadal --hadal-flags='--batch-invariant false'      hadal against itself
 *     npm run bench serving -- --only hadal,node-llama-cpp
 *
 * LLAMA_SERVER names the program to compare with; without it that contender is left out. Without --model, one with random
 * weights is made. Results go to bench/reports/<date>-serving-<scenario>.json and .md.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeReport } from '../report-files.ts'
import { type Contender, cacheFolder, hadal, llamaServer, nodeLlamaCpp } from './contenders.ts'
import { makeModel } from './make-model.ts'
import { type Round, renderComparison } from './report.ts'
import type { Row, Scenario, ScenarioFlags } from './scenario.ts'
import { longPrompts } from './scenarios/long-prompts.ts'
import { sharedPrefix } from './scenarios/shared-prefix.ts'
import { throughput } from './scenarios/throughput.ts'

const scenarios: Readonly<Record<string, (flags: ScenarioFlags) => Scenario>> = {
  throughput,
  'shared-prefix': sharedPrefix,
  'long-prompts': longPrompts,
}

const { values: flags } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'throughput' },
    rounds: { type: 'string', default: '1' },
    model: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', default: 'hadal,llama-server' },
    'hadal-flags': { type: 'string', multiple: true, default: [] },
    concurrency: { type: 'string' },
    'prompt-tokens': { type: 'string' },
    'output-tokens': { type: 'string' },
    'prefix-tokens': { type: 'string' },
    'long-prompts': { type: 'string' },
  },
})

const makeScenario = scenarios[flags.scenario]
if (makeScenario === undefined)
  throw new Error(`there is no scenario "${flags.scenario}"; there are ${Object.keys(scenarios).join(', ')}`)
const scenario = makeScenario(flags)
const root = fileURLToPath(new URL('../..', import.meta.url))
const model = flags.model ?? join(cacheFolder, 'random-135m-q8_0.gguf')
if (!existsSync(model)) {
  mkdirSync(cacheFolder, { recursive: true })
  makeModel(model)
}
const setup = { model, threads: Number(flags.threads), ...scenario.setup }

const contenders = chooseContenders()
const rounds: Round[] = []
for (let round = 1; round <= Number(flags.rounds); round += 1) {
  // Each round begins with another one, so that none always runs on the warmer machine.
  const order = contenders.map((_, index) => contenders[(index + round - 1) % contenders.length]!)
  for (const contender of order) {
    const loadAverage = loadavg()[0]!
    const rows = await measure(contender)
    rounds.push({ contender: contender.name, round, loadAverage, rows })
    console.log(
      `round ${round}, ${contender.name}: ${rows.map(inShort).join('; ')} (load average ${loadAverage.toFixed(1)})`,
    )
  }
}
const comparison = {
  scenario: flags.scenario,
  says: scenario.says,
  columns: scenario.columns,
  versions: Object.fromEntries(contenders.map(({ name, version }) => [name, version])),
  setup: { ...setup, model: relative(root, model) },
  rounds,
}
writeReport(`serving-${flags.scenario}${scenario.suffix ?? ''}`, 'serving', comparison, (facts) =>
  renderComparison(facts, comparison),
)

function chooseContenders(): Contender[] {
  const program = process.env.LLAMA_SERVER
  const wanted = flags.only.split(',')
  if (!program) console.log('LLAMA_SERVER names no program: llama-server is left out')
  return [
    ...(wanted.includes('hadal') ? [hadal()] : []),
    ...flags['hadal-flags'].map((given) => hadal(given)),
    ...(program && wanted.includes('llama-server') ? [llamaServer(program)] : []),
    ...(wanted.includes('node-llama-cpp') ? [nodeLlamaCpp()] : []),
  ]
}

async function measure(contender: Contender): Promise<readonly Row[]> {
  await using server = await contender.start(setup)
  return await scenario.measure(server).catch((cause: unknown) => {
    throw new Error(`${contender.name} did not do it`, { cause })
  })
}

function inShort({ load, figures }: Row): string {
  const compared = scenario.columns.filter(({ better }) => better !== undefined)
  return `${load} ${compared.map(({ key, title }) => `${figures[key]!.toFixed(1)} ${title}`).join(', ')}`
}
