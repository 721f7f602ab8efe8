/** Models of a changing config file: kept, recreated and closed. */

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { silentLogger } from '@hadal/base'
import type { ModelEntry, Resolved, Service } from '@hadal/config'
import { createFakeEngine } from '@hadal/engine'
import type { UpstreamModel } from '@hadal/server'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../kernel/base/test/eventually.ts'
import { recordingTerminal } from '../test/recording-terminal.ts'
import { type Served, severalModels } from './served.ts'

const withModels = (...models: object[]): Service =>
  ({ models: models as ModelEntry[] }) as unknown as Service

async function served(service: Service): Promise<Served> {
  const made = await severalModels({
    service,
    settings: { values: service } as unknown as Resolved<Service>,
    said: {},
    weights: {},
    terminal: recordingTerminal({}),
    signal: new AbortController().signal,
    logger: silentLogger,
    startEngine: () => createFakeEngine(),
  })
  onTestFinished(() => made[Symbol.asyncDispose]())
  return made
}

async function far(): Promise<{ url: string; requested: ServerResponse[] }> {
  const requested: ServerResponse[] = []
  const server = createServer((request, response) => {
    request.resume()
    requested.push(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requested }
}

it('an upstream that is served no longer answers what it was asked, and is closed then', async () => {
  const { url, requested } = await far()
  const entry = (more: object): object => ({
    id: 'far',
    upstream: { replicas: [url], healthPath: null, ...more },
  })
  const models = await served(withModels(entry({})))
  const { upstream } = models.server.models![0] as UpstreamModel
  const answer = upstream.relay({ id: 'r', path: '/v1/chat/completions', body: { model: 'far' } })
  await eventually(() => expect(requested).toHaveLength(1))
  const next = await models.change(withModels(entry({ maxQueue: 3 })))
  models.taken()
  expect((next.models![0] as UpstreamModel).upstream).not.toBe(upstream)
  await eventually(() => expect(upstream.snapshot().state).toBe('draining'))
  requested[0]!.end('{"said":true}')
  let text = ''
  for await (const bytes of (await answer).body) text += Buffer.from(bytes).toString()
  expect(text).toBe('{"said":true}')
  await eventually(() => expect(upstream.snapshot().state).toBe('closed'))
})

it('a change that was refused leaves every model the same', async () => {
  const one = { id: 'one', model: 'tiny.gguf' }
  const before = withModels(one)
  const models = await served(before)
  const [source] = models.server.models!
  const refused = models.change(
    withModels(
      { ...one, contextLength: 8 },
      { id: 'two', model: 'x', chatTemplate: join('missing', 'x.jinja') },
    ),
  )
  await expect(refused).rejects.toThrow()
  expect((await models.change(before)).models![0]).toBe(source)
})

it('models that cannot all be made leave nothing behind that asks for health', async () => {
  const { url, requested } = await far()
  const upstream = { replicas: [url], healthIntervalMillis: 100, healthTimeoutMillis: 50 }
  const broken = { id: 'two', model: 'x', chatTemplate: join('missing', 'x.jinja') }
  await expect(served(withModels({ id: 'far', upstream }, broken))).rejects.toThrow()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const before = requested.length
  await new Promise((resolve) => setTimeout(resolve, 1500))
  // One may have been in flight.
  expect(requested.length).toBeLessThanOrEqual(before + 1)
})
