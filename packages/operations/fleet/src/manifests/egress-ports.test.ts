import { describe, expect, it } from 'vitest'
import { portsOfConfig } from './egress-ports.ts'

describe('portsOfConfig', () => {
  it('finds the ports of upstreams and of the collector of traces, each once', () => {
    const models = [
      { id: 'a', upstream: { replicas: ['https://api.example.com', 'http://10.0.0.1:8000/v1'] } },
      { id: 'b', upstream: { discover: { dns: 'vllm', port: 9000 } } },
      { id: 'c', upstream: { discover: { kubernetes: { service: 'x', port: 'http' } } } },
      {
        id: 'd',
        upstream: { replicas: ['http://plain.example.com', 'https://other.example.com', 'no url'] },
      },
      { id: 'e', model: 'nano' },
    ]
    const ports = portsOfConfig({ models, otlpEndpoint: 'http://collector:4318' })
    expect([...ports].sort((a, b) => a - b)).toEqual([80, 443, 4318, 8000, 9000])
  })

  it('finds none where nothing is named', () => {
    expect(portsOfConfig({ model: 'nano' })).toEqual([])
  })
})
