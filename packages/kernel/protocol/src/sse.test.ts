import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SseDecoder, sseEvent, sseJson } from './sse.ts'

/** Any UTF-16 text, line breaks, controls and lone surrogates included. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\n', '\r', '\r\n', ':', ' ', '\u2028', '\uFEFF', '\uD83D', '\u0000', '😀', 'data:'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
})

/** The text cut at arbitrary positions. */
const cut = (whole: string, sizes: readonly number[]): string[] => {
  const pieces: string[] = []
  for (let at = 0, i = 0; at < whole.length; i += 1) {
    const size = sizes.length === 0 ? whole.length : sizes[i % sizes.length]!
    pieces.push(whole.slice(at, at + size))
    at += size
  }
  return pieces
}
const decode = (pieces: readonly string[]) => {
  const decoder = new SseDecoder()
  return pieces.flatMap((piece) => decoder.push(piece))
}

describe('server-sent events', () => {
  it('carries any text as JSON, whole, in any pieces', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }))
    fc.assert(
      fc.property(fc.array(text), sizes, (texts, pieceSizes) => {
        const wire = texts.map((one) => sseJson({ one })).join('')
        expect(decode(cut(wire, pieceSizes)).map((event) => JSON.parse(event.data).one)).toEqual(texts)
      }),
    )
  })

  it('carries any text as it is, but for the kind of its line breaks', () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (data, sizes) => {
        const [event, ...more] = decode(cut(sseEvent(data, 'note'), sizes))
        expect(event).toEqual({ event: 'note', data: data.replaceAll(/\r\n|\r/g, '\n') })
        expect(more).toEqual([])
      }),
    )
  })

  it('reads what other servers send: \\r\\n, comments, no space after the colon, unknown fields', () => {
    const wire =
      '\uFEFF: keep-alive\r\n\r\ndata:a\r\nid: 7\r\nretry: 5\r\n\r\nevent: x\rdata\r\rdata: [DONE]\n\n'
    for (let size = 1; size <= wire.length; size += 1)
      expect(decode(cut(wire, [size]))).toEqual([
        { event: 'message', data: 'a' },
        { event: 'x', data: '' },
        { event: 'message', data: '[DONE]' },
      ])
  })

  it('passes comments to the callback whole, however they are split', () => {
    const wire = ': keep-alive\n\ndata: a\n:no space\n:\n\n'
    for (let size = 1; size <= wire.length; size += 1) {
      const comments: string[] = []
      const decoder = new SseDecoder((text) => comments.push(text))
      const events = cut(wire, [size]).flatMap((piece) => decoder.push(piece))
      expect(events).toEqual([{ event: 'message', data: 'a' }])
      expect(comments).toEqual(['keep-alive', 'no space', ''])
    }
  })

  it('holds an event back until it is complete', () => {
    const decoder = new SseDecoder()
    expect(decoder.push('data: a\n')).toEqual([])
    expect(decoder.push('\n')).toEqual([{ event: 'message', data: 'a' }])
  })
})
