/** A service under test: an engine and a server in front of it, with settings to be tried. */

import { silentLogger } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { Engine } from '@hadal/engine'
import type { ServedModel, StartEngine } from '@hadal/service'
import { serverSettings } from '@hadal/service'
import type { TokenScale } from '../load/prompts.ts'
import type { Knobs } from './knobs.ts'

export interface TunedService extends AsyncDisposable {
  readonly engine: Engine
  readonly url: string
  /** For the load generator's prompts. */
  readonly scale: TokenScale
}

export interface UnderTest {
  readonly model: ServedModel
  readonly service: Service
  /** Explicit settings. */
  readonly said: Partial<Service>
  readonly startEngine: StartEngine
}

export async function startEngineWith(
  { model, said, startEngine }: UnderTest,
  knobs: Partial<Knobs>,
  others: Partial<Service> = {},
): Promise<Engine> {
  const engine = startEngine(model, { ...said, ...others, ...knobs }, silentLogger)
  try {
    await engine.ready()
    return engine
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

export async function startService(test: UnderTest, knobs: Partial<Knobs>): Promise<TunedService> {
  const { createServer } = await import('@hadal/server')
  const engine = await startEngineWith(test, knobs)
  const { apiKeys: _, ...settings } = serverSettings(test.service)
  const server = createServer({ engines: [engine], ...settings, logger: silentLogger })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    engine,
    url,
    scale: await scaleOf(engine),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** For the load generator's words. */
async function scaleOf(engine: Engine): Promise<TokenScale> {
  const { drawWords } = await import('../load/prompts.ts')
  const { seededRandom } = await import('@hadal/batching')
  const random = seededRandom(1)
  const [few, many] = [16, 144]
  const lengths = await Promise.all([few, many].map((count) => engine.promptLength(drawWords(count, random))))
  const tokensPerWord = (lengths[1]! - lengths[0]!) / (many - few)
  return { tokensPerWord, overheadTokens: Math.max(0, lengths[0]! - tokensPerWord * few) }
}
