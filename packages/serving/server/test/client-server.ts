/** Servers for client tests: one whose model gives scripted responses, and one with the bundled model. */

import { createFakeEngine, type FakeEngine, type GenerateRequest } from '@hadal/engine'
import { createServer } from '@hadal/server'
import { afterAll, beforeAll } from 'vitest'
import { coder, qwen, toolCall } from './chat-models.ts'
import { serveNano } from './nano.ts'

export const apiKey = 'sk-test'
export const text = 'Grüße, 世界! 😀\n"quoted" and \\ done'
export const thought = 'I should look it up.'
export const place = 'Bergen'
export const weather = { rain: true }
export const forecast = 'It rains in Bergen.'

/** Reasons, calls a tool if there is one, answers from its result, and follows a format. */
function reply({ grammar }: GenerateRequest, prompt: string): string {
  if (prompt.includes(JSON.stringify(weather))) return forecast
  if (prompt.includes('get_weather'))
    return `<think>\n${thought}\n</think>\n\n${toolCall('get_weather', { place })}`
  if (grammar !== undefined) return JSON.stringify({ city: place, population: 291_940 })
  if (prompt.includes('Think')) return `<think>\n${thought}\n</think>\n\n${text}`
  return text
}

export interface ClientServer {
  /** Without a path. */
  readonly url: string
  readonly engine: FakeEngine
  /** The FIM model. */
  readonly coder: FakeEngine
}

/** For all tests of a file; set once they run. */
export function serveClients(): ClientServer {
  const engine = createFakeEngine({ reply, model: { ...qwen, id: 'nano' } })
  const middle = createFakeEngine({ reply: 'return 1', model: coder })
  // Strict mode: every field these clients send must be known.
  const server = createServer({ engines: [engine, middle], apiKeys: [apiKey], strictParameters: true })
  let url = ''
  beforeAll(async () => {
    ;({ url } = await server.listen())
  })
  afterAll(() => server.close())
  return {
    get url() {
      return url
    },
    engine,
    coder: middle,
  }
}

/** The same with the bundled model. */
export function serveNanoClients(): { readonly url: string } {
  const server = serveNano()
  let url = ''
  beforeAll(async () => {
    ;({ url } = await server.listen())
  })
  return {
    get url() {
      return url
    },
  }
}
