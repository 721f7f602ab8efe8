/** The bundled model behind the real server with settings changed each turn, and clients that query it. */

import { readFileSync } from 'node:fs'
import { createLogger, quantile } from '@hadal/base'
import { type Random, seededRandom } from '@hadal/batching'
import { createLlamaEngine } from '@hadal/engine'
import { createServer } from '@hadal/server'
import { type Load, loads, type Settings, type Turn } from './turns.ts'

export interface Served extends AsyncDisposable {
  turn(settings: Settings, load: Load, seconds: number): Promise<Omit<Turn, 'contender' | 'round'>>
}

/** More than any settings that are tried. */
const most = { maxBatchSize: 64, maxBatchTokens: 1024 }
const newTokens = 8

/** Throws what the engine throws that cannot start. */
export async function serveBundled(modelPath: string, seed: number, signal: AbortSignal): Promise<Served> {
  let pid: number | undefined
  const logger = createLogger((_level, _text, fields) => {
    if (typeof fields.pid === 'number') pid = fields.pid
  }, 'debug')
  // One thread: where other programs want the cores, two wait for each other and CPU time is meaningless.
  const engine = createLlamaEngine({
    ...{ modelPath, modelId: 'nano', logger, ...most, maxQueue: 1000 },
    ...{ contextLength: 128, threads: 1, speculation: 'off' },
  })
  const server = createServer({ engines: [engine] })
  await engine.ready()
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const random = seededRandom(seed)
  return {
    async turn(settings, load, seconds) {
      const { maxBatchSize, timeoutMillis } = settings
      engine.limit!({ maxBatchSize, timeoutMicros: timeoutMillis * 1000 })
      const before = cpuMillisOf(pid)
      const began = performance.now()
      const millis: number[] = []
      const client = async (): Promise<void> => {
        while (performance.now() < began + seconds * 1000) millis.push(await ask(url, random, signal))
      }
      await Promise.all(Array.from({ length: loads[load] }, client))
      const after = cpuMillisOf(pid)
      return {
        ...{ settings, load, queries: millis.length, seconds: (performance.now() - began) / 1000 },
        p99Millis: quantile(millis, 0.99),
        ...(before !== undefined && after !== undefined && { cpuMillis: after - before }),
      }
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

const words = 'the cat and her dog saw a red ball in an old tree by our house one day so they ran home'.split(
  ' ',
)

/** Milliseconds of one answer. Prompts differ from their first words on, so none shares the work of another. */
async function ask(url: string, random: Random, signal: AbortSignal): Promise<number> {
  const prompt = Array.from({ length: 16 }, () => words[Math.floor(random() * words.length)]).join(' ')
  const began = performance.now()
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'nano', prompt, max_tokens: newTokens, temperature: 0, ignore_eos: true }),
    signal,
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`the server answered ${response.status}: ${text.slice(0, 200)}`)
  return performance.now() - began
}

/** CPU time of all threads; the kernel counts in hundredths of a second. */
function cpuMillisOf(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
