import { describe, expect, it } from 'vitest'
import { type EndpointSlice, EndpointSlices } from './endpoint-slices.ts'

const slice = (name: string, endpoints: readonly [address: string, ready?: boolean][]): EndpointSlice => ({
  metadata: { name },
  endpoints: endpoints.map(([address, ready]) => ({
    addresses: [address],
    conditions: ready === undefined ? {} : { ready },
  })),
  ports: [
    { name: 'metrics', port: 9090 },
    { name: 'http', port: 8000 },
  ],
})

describe('endpoint slices', () => {
  it('have the ready endpoints, of the port that is named', () => {
    const slices = new EndpointSlices()
    slices.reset([slice('a', [['10.0.0.1', true], ['10.0.0.2', false], ['10.0.0.3']])])
    const names = (port?: string | number) => slices.ready(port).map(({ name, port }) => `${name}:${port}`)
    expect(names('http')).toEqual(['10.0.0.1:8000', '10.0.0.3:8000'])
    expect(names()).toEqual(['10.0.0.1:9090', '10.0.0.3:9090'])
    expect(names(7000)).toEqual(['10.0.0.1:7000', '10.0.0.3:7000'])
    expect(names('grpc')).toEqual([])
  })

  it('follow what changes; a pod in two slices is one', () => {
    const slices = new EndpointSlices()
    slices.reset([slice('old', [['10.0.0.9']])])
    slices.reset([slice('a', [['10.0.0.1']])])
    slices.put(slice('b', [['10.0.0.1'], ['10.0.0.2']]))
    expect(slices.ready('http').map(({ name }) => name)).toEqual(['10.0.0.1', '10.0.0.2'])
    slices.put(slice('b', [['10.0.0.2', false]]))
    expect(slices.ready('http').map(({ name }) => name)).toEqual(['10.0.0.1'])
    slices.remove(slice('a', []))
    expect(slices.ready('http')).toEqual([])
  })

  it('may lack anything', () => {
    const slices = new EndpointSlices()
    slices.put({})
    slices.put({ metadata: { name: 'x' }, endpoints: null, ports: null })
    slices.put({ metadata: { name: 'y' }, endpoints: [{ addresses: null }], ports: [{ port: null }] })
    expect(slices.ready()).toEqual([])
  })
})

it('pods that start are counted once, and those that end are not', () => {
  const slices = new EndpointSlices()
  const ending = { addresses: ['10.0.0.9'], conditions: { ready: false, terminating: true } }
  const starting = slice('a', [['10.0.0.1', false], ['10.0.0.2', true], ['10.0.0.3']])
  slices.reset([
    { ...starting, endpoints: [...starting.endpoints!, ending] },
    slice('b', [['10.0.0.1', false]]),
  ])
  expect(slices.pending).toBe(1)
})
