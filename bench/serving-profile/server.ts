/**
 * The server under test: the bundled nano model as `hadal serve` has it, one thread, so that the server's own process has a core.
 *
 *     prints its address as the first line; on SIGUSR2 a line of its processor time in micros
 */

import { fileURLToPath } from 'node:url'
import { createLlamaEngine } from '@hadal/engine'
import { createServer } from '@hadal/server'

const modelPath = fileURLToPath(new URL('../../models/nano/nano-q8_0.gguf', import.meta.url))
const engine = createLlamaEngine({ modelPath, threads: 1, maxBatchSize: 16 })
await engine.ready()
const server = createServer({ engines: [engine] })
const { url } = await server.listen()
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage()
  console.log(user + system)
})
process.on('SIGTERM', async () => {
  await server.close()
  await engine[Symbol.asyncDispose]()
  process.exit(0)
})
console.log(url)
