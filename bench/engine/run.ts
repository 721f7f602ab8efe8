/**
 * The engine without its server: what a decode step takes by the number of sequences, how much of that is llama.cpp's own
 * computation, and how close it comes to reading the weights as fast as this machine's memory gives them.
 *
 *     npm run bench engine -- [--model model.gguf] [--sequences 1,2,4,8,16] [--new-tokens 96] [--threads 2]
 *
 * Without --model, one of a 135M-parameter Llama's size with random weights is made. Results go to
 * bench/reports/<date>-engine.json and .md.
 */

import { existsSync, mkdirSync, statSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createLlamaEngine, type StepReport } from '@hadal/engine'
import { median } from 'hadal'
import { markdownTable, writeReport } from '../report-files.ts'
import { cacheFolder } from '../serving/contenders.ts'
import { makeModel } from '../serving/make-model.ts'
import { readBandwidth } from './read-bandwidth.ts'

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    sequences: { type: 'string', default: '1,2,4,8,16' },
    'new-tokens': { type: 'string', default: '96' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
})
const modelPath = flags.model ?? join(cacheFolder, 'random-135m-q8_0.gguf')
if (!existsSync(modelPath)) {
  mkdirSync(cacheFolder, { recursive: true })
  makeModel(modelPath)
}
const threads = Number(flags.threads)
const weightBytes = statSync(modelPath).size

interface Measured {
  readonly sequences: number
  readonly steps: number
  /** Medians over steps in which all sequences got a token, and nobody's prompt was read. */
  readonly stepMillis: number
  readonly outsideMillis: number
  /** Of a step, not in llama.cpp. */
  readonly outsideShare: number
  /** From one step to the next: what is between them is the channel, and what other processes took. */
  readonly cycleMillis: number
  readonly tokensPerSecond: number
  readonly loadAverage: number
}

const bandwidth = await readBandwidth(threads)
console.log(`memory: ${(bandwidth / 1e9).toFixed(1)} GB/s read by ${threads} threads`)
const measured: Measured[] = []
for (const sequences of flags.sequences.split(',').map(Number)) {
  const result = await measure(sequences)
  measured.push(result)
  console.log(
    `${sequences} sequences: ${result.stepMillis.toFixed(1)} ms a step, ${(100 * result.outsideShare).toFixed(1)} % outside llama.cpp`,
  )
}
/** Steps a second, were a step nothing but reading the weights once. */
const roofline = bandwidth / weightBytes
writeReport(
  'engine',
  'engine',
  { model: relative('.', modelPath), weightBytes, bandwidth, threads, measured },
  ({ date, command, machine }) => {
    const rows = measured.map((each) => [
      each.sequences,
      each.stepMillis.toFixed(1),
      (100 * each.outsideShare).toFixed(1),
      each.outsideMillis.toFixed(2),
      each.cycleMillis.toFixed(1),
      each.tokensPerSecond.toFixed(0),
      (weightBytes / 1e6 / each.stepMillis).toFixed(1),
      (100 * (1000 / each.stepMillis / roofline)).toFixed(0),
    ])
    return `# Engine, ${date}

\`${command}\`

- ${machine}
- weights of ${(weightBytes / 1e6).toFixed(0)} MB, greedy, ${flags['new-tokens']} new tokens each after a prompt of 32; load averages ${measured.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')}
- memory gives ${threads} threads ${(bandwidth / 1e9).toFixed(1)} GB/s, so ${roofline.toFixed(0)} steps a second is the roofline of any step that reads all weights once
- medians over decode steps of all sequences

${markdownTable(['sequences', 'step ms', '% outside llama.cpp', 'ms outside', 'step to step ms', 'tokens/s', 'weights read, GB/s', '% of the roofline'], rows)}
`
  },
)

async function measure(sequences: number): Promise<Measured> {
  const loadAverage = loadavg()[0]!
  await using engine = createLlamaEngine({
    modelPath,
    threads,
    maxBatchSize: sequences,
    contextLength: 256,
    speculation: 'off',
  })
  await engine.ready()
  const reports: (StepReport & { readonly at: number })[] = []
  using _ = engine.onStep((report) => reports.push({ ...report, at: performance.now() }))
  await Promise.all(
    Array.from({ length: sequences }, async (_, at) => {
      const prompt = Array.from({ length: 32 }, (_, index) => 300 + ((at * 977 + index * 131) % 30_000))
      const request = {
        id: `${at}`,
        prompt,
        maxTokens: Number(flags['new-tokens']),
        stop: [],
        ignoreEos: true,
      }
      for await (const _ of engine.generate({ ...request, sampling: { temperature: 0 } }));
    }),
  )
  const whole = reports.filter(
    ({ decodeTokens, prefillTokens }) => decodeTokens === sequences && prefillTokens === 0,
  )
  const cycles = whole.slice(1).map(({ at }, index) => at - whole[index]!.at)
  const stepMillis = median(whole.map(({ millis }) => millis))
  const outsideMillis = median(whole.map(({ millis, nativeMillis = millis }) => millis - nativeMillis))
  const cycleMillis = median(cycles)
  return {
    sequences,
    steps: whole.length,
    stepMillis,
    outsideMillis,
    outsideShare: outsideMillis / stepMillis,
    cycleMillis,
    tokensPerSecond: (1000 * sequences) / cycleMillis,
    loadAverage,
  }
}
