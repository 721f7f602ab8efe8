/**
 * The least server that puts node-llama-cpp's own batching behind POST /v1/completions, as its documentation has it: one
 * context with a sequence for each client, `evaluate` on each.
 *
 *     node --import tsx node-llama-cpp-server.ts <folder with node_modules> <model> <port> <threads> <sequences> <context>
 */

import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** As much of node-llama-cpp as is used here; it is no dependency of this repository. */
interface Sequence {
  clearHistory(): Promise<void>
  evaluate(tokens: number[], options: object): AsyncIterable<number>
}
interface Model {
  readonly tokens: { readonly bos: number }
  tokenize(text: string): number[]
  detokenize(tokens: number[]): string
  createContext(options: object): Promise<{ getSequence(): Sequence }>
}
interface NodeLlamaCpp {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<Model> }>
}

const [folder = '', modelPath, port, threads, sequences, contextSize] = process.argv.slice(2)
const entry = pathToFileURL(join(folder, 'node_modules/node-llama-cpp/dist/index.js')).href
const { getLlama } = (await import(entry)) as NodeLlamaCpp

const llama = await getLlama({ build: 'never', gpu: false, maxThreads: Number(threads), logLevel: 'error' })
const model = await llama.loadModel({ modelPath })
const context = await model.createContext({
  sequences: Number(sequences),
  contextSize: Number(contextSize),
  batchSize: 512,
  flashAttention: true,
  threads: Number(threads),
})
const free = Array.from({ length: Number(sequences) }, () => context.getSequence())
const waiting: ((sequence: Sequence) => void)[] = []

const take = (): Sequence | Promise<Sequence> =>
  free.pop() ?? new Promise<Sequence>((resolve) => waiting.push(resolve))
const give = (sequence: Sequence): void => {
  const next = waiting.shift()
  if (next) next(sequence)
  else free.push(sequence)
}

const server = createServer(async (request, response) => {
  if (request.method === 'GET') return void response.end()
  let body = ''
  for await (const chunk of request) body += chunk
  const { prompt, max_tokens: maxTokens } = JSON.parse(body) as { prompt: string; max_tokens: number }
  const sequence = await take()
  try {
    await sequence.clearHistory()
    const tokens = [model.tokens.bos, ...model.tokenize(prompt)]
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let made = 0
    for await (const token of sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true })) {
      made += 1
      response.write(`data: ${JSON.stringify({ choices: [{ text: model.detokenize([token]) }] })}\n\n`)
      if (made >= maxTokens) break
    }
    const usage = { prompt_tokens: tokens.length, completion_tokens: made }
    response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`)
  } finally {
    give(sequence)
  }
})
server.listen(Number(port), '127.0.0.1')
