import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelStatus } from '../scaler-status.ts'
import { leaseMemory, memoryAnnotation, readKept } from './lease-memory.ts'

const never = new AbortController().signal
const status = (decisions: number, text = 'x'): ModelStatus => ({
  model: 'nano',
  target: 'Deployment a/b',
  replicas: 1,
  readyReplicas: 1,
  minReplicas: 1,
  maxReplicas: 2,
  observedAt: null,
  fault: null,
  decisions: Array.from({ length: decisions }, (_, at) => ({
    at,
    action: 'hold',
    from: 1,
    to: 1,
    reason: 'steady',
    text,
    signals: [],
  })),
})

describe('what scalers remember in a Lease', () => {
  it('is read as it was written, with the last decisions', async () => {
    const memory = leaseMemory({ status: () => [status(30)], renew: async () => undefined })
    const state = { lastUpAt: 5, lowSince: 7, replicas: 3, seenAt: 9 }
    await memory.of('nano').write(state, never)
    const annotations = memory.annotations()
    const kept = readKept(annotations[memoryAnnotation])
    expect(kept.states).toEqual({ nano: state })
    expect(kept.models[0]!.decisions.map(({ at }) => at)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    const next = leaseMemory({ status: () => [], renew: async () => undefined })
    next.load(annotations)
    expect(next.of('nano').read()).toEqual(state)
  })

  it('leaves out what is only shown before it is too large', async () => {
    const memory = leaseMemory({
      status: () => [status(10, 'x'.repeat(20_000))],
      renew: async () => undefined,
    })
    await memory.of('nano').write({ lastUpAt: 5 }, never)
    const text = memory.annotations()[memoryAnnotation]!
    expect(text.length).toBeLessThan(100_000)
    expect(readKept(text)).toEqual({ states: { nano: { lastUpAt: 5 } }, models: [] })
  })

  it('is written at once where it is about a change, and is as it was where that cannot be', async () => {
    let renewals = 0
    const memory = leaseMemory({
      status: () => [],
      renew: async () => {
        renewals += 1
        if (renewals > 1) throw new Error('another leads')
      },
    })
    const nano = memory.of('nano')
    await nano.write({ seenAt: 1 }, never)
    expect(renewals).toBe(0)
    await nano.write({ seenAt: 2, lastUpAt: 2 }, never)
    expect(renewals).toBe(1)
    await expect(nano.write({ seenAt: 3, lastDownAt: 3 }, never)).rejects.toThrow('another leads')
    expect(nano.read()).toEqual({ seenAt: 2, lastUpAt: 2 })
  })

  it('is empty for foreign content', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(undefined)), (text) => {
        const { states, models } = readKept(text)
        expect(Array.isArray(models)).toBe(true)
        for (const state of Object.values(states))
          for (const value of Object.values(state)) expect(Number.isFinite(value)).toBe(true)
      }),
    )
    const odd =
      '{"version":1,"states":{"a":{"lastUpAt":"now","seenAt":1e999,"replicas":2},"b":null},"models":[{}]}'
    expect(readKept(odd)).toEqual({ states: { a: { replicas: 2 }, b: {} }, models: [] })
  })
})
