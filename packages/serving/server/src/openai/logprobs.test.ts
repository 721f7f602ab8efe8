import type { GeneratedToken } from '@hadal/engine'
import { describe, expect, it } from 'vitest'
import { chatLogprobs, completionLogprobsWriter } from './logprobs.ts'

const lossy = new TextDecoder()
const token = (...bytes: number[]): GeneratedToken => {
  const one = { token: 1, bytes, text: lossy.decode(Uint8Array.from(bytes)), logprob: -1 }
  return { ...one, top: [one] }
}
/** `a`, a euro sign in two tokens, `b`, and U+FFFD itself. */
const tokens = [token(0x61), token(0xe2, 0x82), token(0xac), token(0x62), token(0xef, 0xbf, 0xbd)]

describe('log-probabilities', () => {
  it('spell a token that is no whole text by its bytes', () => {
    const content = chatLogprobs(tokens).content!
    expect(content.map((each) => each.token)).toEqual(['a', '\\xe2\\x82', '\\xac', 'b', '\uFFFD'])
    expect(content[1]).toMatchObject({ bytes: [0xe2, 0x82], top_logprobs: [{ token: '\\xe2\\x82' }] })
  })

  it('place each token in the text by characters, across pieces', () => {
    const write = completionLogprobsWriter()
    const first = write(tokens.slice(0, 2))
    const second = write(tokens.slice(2))
    expect([...first.tokens, ...second.tokens]).toEqual([
      'a',
      'bytes:\\xe2\\x82',
      'bytes:\\xac',
      'b',
      '\uFFFD',
    ])
    expect([...first.text_offset, ...second.text_offset]).toEqual([0, 1, 1, 2, 3])
    expect(first.top_logprobs[1]).toEqual({ 'bytes:\\xe2\\x82': -1 })
  })

  it('regression: a byte that goes on with nothing is a character of its own, never at -1', () => {
    const write = completionLogprobsWriter()
    expect(write([token(0xac), token(0x61), token(0xac), token(0xe2)]).text_offset).toEqual([0, 1, 2, 3])
    expect(write([token(0x82), token(0xac), token(0x62)]).text_offset).toEqual([3, 3, 4])
  })
})
