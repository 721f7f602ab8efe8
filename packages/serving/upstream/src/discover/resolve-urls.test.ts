import { expect, it } from 'vitest'
import { type Resolver, resolveUrls, systemResolver } from './resolve-urls.ts'

const resolver: Resolver = {
  addresses: async () => ['10.0.0.2', '10.0.0.1', 'fd00::1', '10.0.0.2'],
  services: async () => [
    { name: 'b.models.', port: 8001 },
    { name: 'a.models.', port: 8000 },
  ],
}

it('every address of a name is a base URL, each once', async () => {
  expect(await resolveUrls({ dns: 'vllm', port: 8000 }, resolver)).toEqual([
    'http://10.0.0.1:8000/v1',
    'http://10.0.0.2:8000/v1',
    'http://[fd00::1]:8000/v1',
  ])
})

it('an SRV record has names and ports', async () => {
  expect(await resolveUrls({ srv: '_http._tcp.vllm', scheme: 'https', path: '' }, resolver)).toEqual([
    'https://a.models:8000',
    'https://b.models:8001',
  ])
})

it('the system knows its own name', async () => {
  const urls = await resolveUrls({ dns: 'localhost', port: 1 }, systemResolver)
  expect(urls.some((url) => url === 'http://127.0.0.1:1/v1' || url === 'http://[::1]:1/v1')).toBe(true)
})
