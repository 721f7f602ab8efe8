/**
 * The server under test: Hadal's HTTP layer as `hadal serve` has it, over an engine that costs nothing. Runs what was built,
 * in plain JavaScript: what translates TypeScript on the way would show in the profile.
 *
 *     node server.mjs        prints its address as the first line; on SIGUSR2 a line of its processor time
 */

import process from 'node:process'
import { setImmediate } from 'node:timers'
import { createFakeEngine } from '@hadal/engine'
import { createServer } from '@hadal/server'
import { EventChannel } from '../../packages/serving/engine/dist/llama/event-channel.js'

const words = [' time', ' year', ' people', ' way', ' day', ' man', ' thing', ' woman', ' life', '词']

/** One new token for every sequence in every turn of the event loop, as one message of a real engine's process brings them. */
function stepEngine() {
  const running = new Set()
  const listeners = new Set()
  let steps = 0
  const step = () => {
    steps += 1
    const decodeTokens = running.size
    for (const sequence of running) advance(sequence)
    for (const listen of listeners)
      listen({ step: steps, decodeTokens, prefillTokens: 0, running: decodeTokens, millis: 1 })
    if (running.size > 0) setImmediate(step)
  }
  const advance = (sequence) => {
    const { channel, request } = sequence
    const id = sequence.tokens % words.length
    sequence.tokens += 1
    channel.push({ type: 'delta', text: words[id], tokenCount: 1, logprobs: [], tokens: [id] })
    if (sequence.tokens < request.maxTokens) return
    running.delete(sequence)
    channel.push({
      type: 'done',
      finishReason: 'length',
      usage: { promptTokens: 8, cachedTokens: 0, completionTokens: sequence.tokens },
      timings: { queueMillis: 0, prefillMillis: 0, decodeMillis: 1 },
    })
    channel.close()
  }
  return {
    ...createFakeEngine({ maxBatchSize: 64 }),
    generate: (request) =>
      new EventChannel((channel) => {
        const sequence = { channel, request, tokens: 0 }
        running.add(sequence)
        if (running.size === 1) setImmediate(step)
        return () => running.delete(sequence)
      }),
    onStep(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
  }
}

const server = createServer({ engines: [stepEngine()] })
const { url } = await server.listen()
console.log(url)
process.once('SIGTERM', async () => {
  await server.close()
  process.exit(0)
})
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ user, system, rss: process.memoryUsage().rss }))
})
