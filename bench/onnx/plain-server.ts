/**
 * What one writes in an afternoon: fastify and onnxruntime-node in one process, a tensor a request, bytes in and out. Says its
 * address on stdout. Arguments: model, threads, dimensions of a row.
 */

import { createRequire } from 'node:module'

const { InferenceSession, Tensor } = createRequire(import.meta.url)('onnxruntime-node')
// The one that hadal's server has.
const ofServer = createRequire(new URL('../../packages/serving/server/package.json', import.meta.url))
const { fastify } = ofServer('fastify')
interface Reply {
  type(name: string): this
  send(body: Buffer): unknown
}

const [path, threads, dims] = process.argv.slice(2) as [string, string, string]
const session = await InferenceSession.create(path, { intraOpNumThreads: Number(threads) })
const row = dims.split('x').map(Number)
const app = fastify({ bodyLimit: 64 * 1024 * 1024 })
app.addContentTypeParser(
  'application/octet-stream',
  { parseAs: 'buffer' },
  async (_: unknown, body: Buffer) => body,
)
app.post('/infer', async ({ body }: { readonly body: Buffer }, reply: Reply) => {
  const bytes = new Uint8Array(body)
  const input = new Tensor('float32', new Float32Array(bytes.buffer), [1, ...row])
  const found = await session.run({ x: input })
  const { data } = found[session.outputNames[0]]
  return reply
    .type('application/octet-stream')
    .send(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
})
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
