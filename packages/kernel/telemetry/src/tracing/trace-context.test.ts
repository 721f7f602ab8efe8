import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent, traceHeadersOf } from './trace-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

describe('traceparent', () => {
  it('is read as the standard writes it', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, isSampled: true })
    expect(parseTraceparent(`00-${traceId}-${spanId}-02`)?.isSampled).toBe(false)
    expect(parseTraceparent(`cc-${traceId}-${spanId}-01-what-the-future-brings`)?.traceId).toBe(traceId)
  })

  it.each([
    undefined,
    '',
    ['00', traceId],
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-1`,
    `cc-${traceId}-${spanId}-01${'-x'.repeat(300)}`,
  ])('%j is none', (header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })

  it('comes back as it went', () => {
    const hex = (length: number) =>
      fc
        .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
        .filter((text) => /[^0]/.test(text))
    const parents = fc.record({ traceId: hex(32), spanId: hex(16), isSampled: fc.boolean() })
    fc.assert(
      fc.property(parents, (parent) => {
        expect(parseTraceparent(formatTraceparent(parent))).toEqual(parent)
      }),
    )
  })

  it('is never more than what was understood, whatever was sent', () => {
    const almost = fc
      .tuple(fc.string({ maxLength: 4 }), fc.constantFrom(traceId, spanId, ''), fc.string())
      .map((parts) => parts.join('-'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost, fc.anything()), fc.anything(), (traceparent, tracestate) => {
        const passed = traceHeadersOf({ traceparent, tracestate })
        if (passed === undefined) return
        expect(passed.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
        expect(passed.tracestate ?? '').toMatch(/^[\x20-\x7e]{0,512}$/)
      }),
    )
  })

  it('takes its state along, where that can be passed on', () => {
    const traceparent = `00-${traceId}-${spanId}-01`
    expect(traceHeadersOf({ traceparent, tracestate: 'rojo=1,congo=2' })).toEqual({
      traceparent,
      tracestate: 'rojo=1,congo=2',
    })
    expect(traceHeadersOf({ traceparent, tracestate: 'a=\r\nb' })).toEqual({ traceparent })
    expect(traceHeadersOf({ tracestate: 'rojo=1' })).toBeUndefined()
  })
})
