import { describe, expect, it } from 'vitest'
import { gpt2Pattern, preTokenizer, qwen2Pattern } from './pre-tokenizer.ts'

describe('qwen2Pattern', () => {
  const split = preTokenizer([qwen2Pattern])

  it.each([
    ['', []],
    ['hello world', ['hello', ' world']],
    ["I'M he'll", ['I', "'M", ' he', "'ll"]],
    ['a 2048', ['a', ' ', '2', '0', '4', '8']],
    ['x  y', ['x', ' ', ' y']],
    ['a, b!?\n\nc', ['a', ',', ' b', '!?\n\n', 'c']],
    ['  \n  x', ['  \n', ' ', ' x']],
    ['tab\tx (y)', ['tab', '\tx', ' (', 'y', ')']],
    ['日本語です', ['日本語です']],
    ['a\u0085 b', ['a', '\u0085', ' b']],
    ['a\u{feff}b', ['a', '\u{feff}b']],
    ['tail   ', ['tail', '   ']],
  ])('%j', (text, pieces) => expect(split(text)).toEqual(pieces))
})

describe('preTokenizer', () => {
  it('understands ASCII case-insensitive groups', () => {
    expect(preTokenizer(["(?i:'s|'ll)|\\p{L}+"])("it'S We'Ll")).toEqual(['it', "'S", ' ', 'We', "'Ll"])
  })

  it('turns lone surrogates into U+FFFD and leaves pairs', () => {
    expect(preTokenizer([qwen2Pattern])('a\ud800b \udc00\u{1f600}')).toEqual([
      'a',
      '\ufffdb',
      ' \ufffd\u{1f600}',
    ])
  })

  it('keeps what no pattern matches', () => {
    expect(preTokenizer(['\\p{N}{1,3}'])('ab12345c')).toEqual(['ab', '123', '45', 'c'])
  })

  it('applies several patterns one after the other', () => {
    expect(preTokenizer(['\\p{N}', gpt2Pattern])('v12 and')).toEqual(['v', '1', '2', ' and'])
  })

  it('is not trapped by a pattern that matches nothing', () => {
    expect(preTokenizer(['x*'])('axxb')).toEqual(['a', 'xx', 'b'])
  })

  it('refuses a pattern that JavaScript cannot read', () => {
    expect(() => preTokenizer(['(?<=x)(?i)a'])).toThrow(
      expect.objectContaining({ code: 'nn_tokenizer_unsupported' }),
    )
  })
})
