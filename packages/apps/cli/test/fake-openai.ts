/** A local server that streams like OpenAI's, counts two tokens per word and seven for the template, and fails on demand. */

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeOpenAi extends AsyncDisposable {
  readonly url: string
  readonly requests: { path: string; headers: IncomingHttpHeaders; body: Record<string, unknown> }[]
  /** Before the first token, and between tokens. */
  readonly delays: { first: number; next: number }
  readonly behaviour: {
    usage?: boolean
    /** Fails from this request on, counted from 0. */
    failFrom?: number
    /** Closes keep-alive connections after the first response, without announcing it. */
    closesKeptConnections?: boolean
    failWith?: 'status' | 'coded' | 'cut' | 'event' | 'garbage' | 'silence'
  }
}

export async function startFakeOpenAi(): Promise<FakeOpenAi> {
  const requests: FakeOpenAi['requests'] = []
  const delays = { first: 0, next: 0 }
  const behaviour: FakeOpenAi['behaviour'] = { usage: true }
  const used = new WeakSet<object>()
  const server = createServer(async (request, response) => {
    if (behaviour.closesKeptConnections && used.has(request.socket))
      return void request.socket.resetAndDestroy()
    used.add(request.socket)
    let text = ''
    for await (const chunk of request) text += chunk
    if (request.url === '/v1/models') return void response.end(JSON.stringify({ data: [{ id: 'fake' }] }))
    const body = JSON.parse(text) as Record<string, unknown>
    const fails = requests.length >= (behaviour.failFrom ?? Number.POSITIVE_INFINITY)
    requests.push({ path: request.url!, headers: request.headers, body })
    const how = fails ? behaviour.failWith : undefined
    if (how === 'status') return void response.writeHead(500).end('oh no')
    if (how === 'coded')
      return void response.writeHead(429).end(JSON.stringify({ error: { code: 'queue_full' } }))
    if (how === 'silence') return
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (data: unknown): void => void response.write(`data: ${JSON.stringify(data)}\n\n`)
    const isChat = request.url === '/v1/chat/completions'
    const messages = body.messages as { content: string }[] | undefined
    const prompt = messages?.[0]?.content ?? (body.prompt as string)
    const count = body.max_tokens as number
    if (isChat) send({ choices: [{ delta: { role: 'assistant', content: '' } }] })
    for (let token = 0; token < count; token += 1) {
      await new Promise((resolve) => setTimeout(resolve, token === 0 ? delays.first : delays.next))
      if (how === 'cut' && token === 1) return void response.destroy()
      if (how === 'event' && token === 1) {
        send({ error: { code: 'engine_crashed', message: 'gone' } })
        return void response.end()
      }
      if (how === 'garbage') response.write('data: {oops\n\n')
      send({ choices: [isChat ? { delta: { content: 'é ' } } : { text: 'é ' }] })
    }
    const prompt_tokens = prompt.split(' ').length * 2 + 7
    if (behaviour.usage) send({ choices: [], usage: { prompt_tokens, completion_tokens: count } })
    response.end('data: [DONE]\n\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    delays,
    behaviour,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
