import { createLogger } from '@hadal/base'
import { createUpstream, type Resolver, type Upstream } from '@hadal/upstream'
import { describe, expect, it } from 'vitest'
import { fakeApiServer, slice } from './fake-api-server.ts'
import { answering, fakeReplica } from './fake-replica.ts'

const request = { id: 'r', path: '/v1/chat/completions', body: { model: 'm', messages: [] } }
const urls = (model: Upstream): string[] => model.snapshot().replicas.map(({ url }) => url)

async function ask(model: Upstream): Promise<string> {
  const answer = await model.relay(request)
  for await (const _ of answer.body);
  return answer.replica
}

describe('by DNS', () => {
  it('replicas come and go as names have addresses; a failed question changes nothing', async () => {
    await using a = await fakeReplica(answering('a'))
    await using b = await fakeReplica(answering('b'))
    let ports: readonly number[] | Error = [a.port]
    const resolver: Resolver = {
      addresses: async () => [],
      services: async () => {
        if (ports instanceof Error) throw ports
        return ports.map((port) => ({ name: '127.0.0.1', port }))
      },
    }
    const lines: string[] = []
    const logger = createLogger((_level, message) => lines.push(message))
    await using model = createUpstream(
      { id: 'm', discover: { srv: '_http._tcp.models', intervalMillis: 10 }, healthIntervalMillis: 50 },
      { resolver, logger },
    )
    await model.ready()
    expect(await ask(model)).toBe(a.url)
    ports = [a.port, b.port]
    await expect.poll(() => urls(model)).toEqual([a.url, b.url].sort())
    ports = new Error('SERVFAIL')
    await expect.poll(() => lines.join()).toContain('cannot be looked up')
    expect(urls(model)).toHaveLength(2)
    ports = [b.port]
    await expect.poll(() => urls(model)).toEqual([b.url])
    expect(await ask(model)).toBe(b.url)
  })
})

describe('by Kubernetes', () => {
  it('lists and watches the endpoints of a service, and starts over when the watch ends', async () => {
    await using a = await fakeReplica(answering('a'))
    await using b = await fakeReplica(answering('b'))
    await using api = await fakeApiServer()
    api.list([slice('one', [a.port])])
    await using model = createUpstream(
      { id: 'm', discover: { kubernetes: { service: 'vllm', port: 'http' } } },
      { kubernetes: api.access },
    )
    await model.ready()
    expect(await ask(model)).toBe(a.url)
    await expect.poll(() => api.watches.size).toBe(1)
    expect(api.requested.map(({ url }) => url)).toEqual([
      '/apis/discovery.k8s.io/v1/namespaces/models/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dvllm',
      expect.stringContaining('&watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=41'),
    ])
    expect(api.requested[0]!.authorization).toBe('Bearer the-token')

    api.notify('ADDED', slice('two', [b.port]))
    await expect.poll(() => urls(model)).toEqual([a.url, b.url].sort())
    api.notify('BOOKMARK', { metadata: { resourceVersion: '50' } })
    api.notify('MODIFIED', slice('one', [a.port], false))
    await expect.poll(() => urls(model)).toEqual([b.url])
    api.notify('DELETED', slice('two', [b.port]))
    await expect.poll(() => urls(model)).toEqual([])

    api.list([slice('one', [a.port])])
    api.notify('ERROR', { code: 410, message: 'too old resource version' })
    await expect.poll(() => urls(model)).toEqual([a.url])
    // Wait for the watch after the list: ending a watch that has not started would do nothing.
    await expect.poll(() => api.requested.filter(({ url }) => url.includes('watch=1')).length).toBe(2)
    api.list([slice('one', [b.port])])
    api.endWatches()
    await expect.poll(() => urls(model)).toEqual([b.url])
  })

  it('keeps the replicas while the API server is away, and names no token', async () => {
    await using a = await fakeReplica(answering('a'))
    await using api = await fakeApiServer()
    api.list([slice('one', [a.port])])
    const lines: string[] = []
    const logger = createLogger((_level, message, fields) =>
      lines.push(`${message} ${JSON.stringify(fields)}`),
    )
    await using model = createUpstream(
      { id: 'm', discover: { kubernetes: { service: 'vllm' } } },
      { kubernetes: api.access, logger },
    )
    await model.ready()
    await expect.poll(() => api.watches.size).toBe(1)
    api.answer(403)
    api.endWatches()
    await expect.poll(() => lines.join()).toContain('Kubernetes answered 403')
    expect(lines.join()).not.toContain('the-token')
    expect(await ask(model)).toBe(a.url)
  })
})
