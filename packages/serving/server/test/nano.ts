/** The bundled model on the real engine, under any name, as in llama-server. */

import { fileURLToPath } from 'node:url'
import { createLlamaEngine, type LlamaEngineOptions } from '@hadal/engine'
import { createServer, type HadalServer, type ServerOptions } from '@hadal/server'
import { afterAll, beforeAll } from 'vitest'

/** For all tests of a file; single-threaded, because tests share the machine. */
export function serveNano(
  options: Partial<LlamaEngineOptions> = {},
  more: Partial<ServerOptions> = {},
): HadalServer {
  const modelPath = fileURLToPath(new URL('../../../../models/nano/nano-q8_0.gguf', import.meta.url))
  const engine = createLlamaEngine({ modelPath, modelId: 'nano', threads: 1, ...options })
  const server = createServer({ engines: [engine], modelNames: { any: true }, ...more })
  beforeAll(() => engine.ready())
  afterAll(async () => {
    await server.close()
    await engine[Symbol.asyncDispose]()
  })
  return server
}
