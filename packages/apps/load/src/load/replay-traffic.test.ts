import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, systemClock } from '@hadal/base'
import { drawTraffic, type SimulatedRequest } from '@hadal/batching'
import { afterEach, describe, expect, it } from 'vitest'
import { replayTraffic } from './replay-traffic.ts'

let server: Server | undefined
afterEach(() => void server?.close())

interface Seen {
  readonly path: string
  readonly body: { readonly prompt?: string; readonly input?: string; readonly max_tokens?: number }
}

/** Responds to embeddings at once and to completions in two chunks; `status` depends on the number of earlier requests. */
async function serve(status: (count: number) => number = () => 200) {
  const seen: Seen[] = []
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    seen.push({ path: request.url!, body: JSON.parse(text) })
    response.statusCode = status(seen.length)
    if (response.statusCode !== 200) return response.end(JSON.stringify({ error: { code: 'queue_full' } }))
    if (request.url === '/v1/embeddings') return response.end(JSON.stringify({ data: [] }))
    for (const piece of ['a', 'b'])
      response.write(`data: ${JSON.stringify({ choices: [{ text: piece }] })}\n\n`)
    return response.end('data: [DONE]\n\n')
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const target = { url: `http://127.0.0.1:${port}`, model: 'm', timeoutMillis: 300_000 }
  return { seen, options: { target, scale: { tokensPerWord: 1, overheadTokens: 0 }, seed: 1 } }
}

const request = (arrivalMillis: number, more: Partial<SimulatedRequest> = {}): SimulatedRequest => ({
  arrivalMillis,
  kind: 'generate',
  promptTokens: 8,
  outputTokens: 2,
  ...more,
})

describe('replayTraffic', () => {
  it('sends what is due, when it is due, and measures both sorts', async () => {
    const { seen, options } = await serve()
    const prefix = { id: 'system', tokens: 5 }
    const traffic = [
      request(1000),
      request(1100, { kind: 'embed', outputTokens: 0 }),
      request(1150, { prefix }),
      request(1150, { prefix }),
    ]
    const [sleeps, start] = [[] as number[], performance.now()]
    const clock: Clock = {
      ...systemClock,
      sleep: async (millis) => void sleeps.push(millis),
      now: () => start + sleeps.reduce((sum, millis) => sum + millis, 0),
    }
    const report = await replayTraffic(traffic, { ...options, clock })
    expect(report).toMatchObject({ requests: 4, done: 4, errors: {} })
    expect(sleeps).toEqual([100, 50])
    expect(report.ttftMillis!.count).toBe(3)
    expect(report.itlMillis!.count).toBe(3)
    expect(report.embedMillis!.count).toBe(1)
    const texts = seen.filter(({ path }) => path === '/v1/completions')
    expect(seen.filter(({ path }) => path === '/v1/embeddings')).toHaveLength(1)
    expect(texts[0]!.body).toMatchObject({ max_tokens: 2 })
    expect(texts[0]!.body.prompt!.split(' ')).toHaveLength(8)
    const [third, fourth] = texts.slice(1).map(({ body }) => body.prompt!.split(' '))
    expect(third!.slice(0, 5)).toEqual(fourth!.slice(0, 5))
    expect(third).not.toEqual(fourth)
  })

  it('counts what was refused, and by what', async () => {
    const { options } = await serve((count) => (count % 2 === 0 ? 429 : 200))
    const report = await replayTraffic([request(0), request(40), request(80, { kind: 'embed' })], options)
    expect(report).toMatchObject({ requests: 3, done: 2, errors: { queue_full: 1 } })
  })

  it('stops when aborted, without a listener warning for many requests', async () => {
    const stop = new AbortController()
    const { options } = await serve((count) => {
      if (count === 20) stop.abort()
      return 200
    })
    const warnings: unknown[] = []
    const warn = (warning: unknown): void => void warnings.push(warning)
    process.on('warning', warn)
    const traffic = drawTraffic({
      arrivals: { kind: 'poisson', requestsPerSecond: 200 },
      sorts: [{ share: 1, kind: 'generate', promptTokens: { kind: 'fixed', tokens: 4 } }],
      requests: 1_000_000,
      seed: 1,
    })
    const report = await replayTraffic(traffic, { ...options, signal: stop.signal })
    process.off('warning', warn)
    expect(report.requests).toBeGreaterThanOrEqual(20)
    expect(report.requests).toBeLessThan(1_000_000)
    expect(warnings).toEqual([])
  })
})
