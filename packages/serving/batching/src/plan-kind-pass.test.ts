import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KindInput, type KindLimits, type KindRequest, planKindPass } from './plan-kind-pass.ts'

const limits: KindLimits = { maxBatchSize: 4, maxBatchTokens: 256, maxPaddingShare: 0.3, maxPassedOver: 2 }
const text = (tokens: number): KindInput => ({ kind: 'text', tokens, passedOver: 0 })
const image: KindInput = { kind: 'image', tokens: 1, passedOver: 0 }
const idsOf = (requests: readonly KindRequest<string, KindInput>[]) =>
  planKindPass(requests, limits)?.parts.map(({ id }) => id)

describe('planKindPass', () => {
  it('is of the kind of whose turn it is', () => {
    const requests = [
      { id: 'a', inputs: [image, text(3)] },
      { id: 'b', inputs: [text(3)] },
      { id: 'c', inputs: [text(3), image] },
    ]
    expect(planKindPass(requests, limits)).toEqual({
      kind: 'image',
      parts: [
        { id: 'a', input: image },
        { id: 'c', input: image },
      ],
      passedOver: [],
    })
    expect(idsOf(requests.slice(1))).toEqual(['b', 'c'])
    expect(planKindPass([{ id: 'a', inputs: [] }], limits)).toBeUndefined()
  })

  it('takes one input of each request in turn', () => {
    const many = Array.from({ length: 9 }, () => image)
    expect(idsOf([{ id: 'a', inputs: many }])).toEqual(['a', 'a', 'a', 'a'])
    const requests = [
      { id: 'a', inputs: many },
      { id: 'b', inputs: [image] },
      { id: 'c', inputs: [image] },
    ]
    expect(idsOf(requests)?.toSorted()).toEqual(['a', 'a', 'b', 'c'])
  })

  it('takes the inputs of a request in their order, and leaves none out', () => {
    const inputs = [text(3), text(4), text(5), text(6), text(7)]
    const pass = planKindPass([{ id: 'a', inputs }], limits)
    expect(pass?.parts.map(({ input }) => input)).toEqual(inputs.slice(0, 4))
  })

  it('groups texts of similar length, and passes none over more often than allowed', () => {
    const requests = [
      { id: 'a', inputs: [text(4)] },
      { id: 'b', inputs: [text(60)] },
      { id: 'c', inputs: [text(4)] },
    ]
    const { parts, passedOver } = planKindPass(requests, limits)!
    expect(parts.map(({ id }) => id)).toEqual(['a', 'c'])
    expect(passedOver).toEqual([requests[1]!.inputs[0]])
    // It was skipped often enough, but both do not fit into one pass: it leads the next pass.
    const waited = [
      { id: 'b', inputs: [{ ...text(60), passedOver: 2 }] },
      { id: 'a', inputs: [text(4)] },
    ]
    expect(idsOf(waited)).toEqual(['b'])
  })

  it('stays within its limits, takes nothing twice, and serves everybody in the end', () => {
    const inputs = fc.array(
      fc.oneof(
        fc.constant({ kind: 'image', tokens: 1 }),
        fc.record({ kind: fc.constant('text'), tokens: fc.integer({ min: 1, max: 100 }) }),
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 6 }), (given) => {
        let line = given.map((each, id) => ({
          id,
          inputs: each.map((input) => ({ ...input, passedOver: 0 })),
        }))
        const total = given.flat().length
        let served = 0
        while (line.some((request) => request.inputs.length > 0)) {
          const pass = planKindPass(line, limits)!
          const taken = new Set(pass.parts.map(({ input }) => input))
          expect(taken.size).toBe(pass.parts.length)
          expect(taken.size).toBeGreaterThan(0)
          expect(taken.size).toBeLessThanOrEqual(limits.maxBatchSize)
          const longest = Math.max(...[...taken].map(({ tokens }) => tokens))
          if (taken.size > 1) expect(taken.size * longest).toBeLessThanOrEqual(limits.maxBatchTokens)
          expect(new Set([...taken].map(({ kind }) => kind))).toEqual(new Set([pass.kind]))
          for (const input of pass.passedOver) input.passedOver += 1
          served += taken.size
          const ids = new Set(pass.parts.map(({ id }) => id))
          const left = line.map((request) => ({
            ...request,
            inputs: request.inputs.filter((input) => !taken.has(input)),
          }))
          line = [...left.filter(({ id }) => !ids.has(id)), ...left.filter(({ id }) => ids.has(id))]
        }
        expect(served).toBe(total)
      }),
    )
  })
})
