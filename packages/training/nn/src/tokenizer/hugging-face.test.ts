import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gpt2Pattern, qwen2Pattern } from './pre-tokenizer.ts'
import { Tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const tokenizer = trainBpe(['the cat and the dog, the hat and the log; 10 10', 'Straße Straße'], {
  vocabSize: 320,
  specialTokens: ['<|endoftext|>', '<｜User｜>'],
})

interface File {
  added_tokens: Record<string, unknown>[]
  normalizer: unknown
  pre_tokenizer: unknown
  model: { vocab: Record<string, number>; merges: unknown[] } & Record<string, unknown>
}
const file = (): File => JSON.parse(JSON.stringify(tokenizer.toHuggingFace()))

describe('tokenizer.json', () => {
  it('round-trips through text', () => {
    const back = Tokenizer.fromHuggingFace(file())
    expect(back.toHuggingFace()).toEqual(tokenizer.toHuggingFace())
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(back.encode(`the cat ${text}`)).toEqual(tokenizer.encode(`the cat ${text}`))
      }),
    )
  })

  it('holds a token named __proto__', () => {
    const odd = trainBpe(['__proto__ __proto__'], { vocabSize: 300, pattern: '\\S+' })
    const back = Tokenizer.fromHuggingFace(JSON.parse(JSON.stringify(odd.toHuggingFace())))
    expect(back.encode('__proto__')).toHaveLength(1)
  })

  it('reads merges as pairs too', () => {
    const pairs = file()
    pairs.model.merges = pairs.model.merges.map((merge) => String(merge).split(' '))
    expect(Tokenizer.fromHuggingFace(pairs).parts.merges).toEqual(tokenizer.parts.merges)
  })

  it("reads Qwen's NFC, GPT-2's built-in pattern and DeepSeek's several splits", () => {
    const nfc = Tokenizer.fromHuggingFace({ ...file(), normalizer: { type: 'NFC' } })
    expect(nfc.decode(nfc.encode('e\u0301'))).toBe('\u00e9')
    expect(nfc.toHuggingFace().normalizer).toEqual({ type: 'NFC' })
    const gpt2 = { ...file(), pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false } }
    expect(Tokenizer.fromHuggingFace(gpt2).parts.patterns).toEqual([gpt2Pattern])
    const several = {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'Sequence', pretokenizers: [split(qwen2Pattern)] },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    }
    const parts = Tokenizer.fromHuggingFace({ ...file(), pre_tokenizer: several }).parts
    expect(parts.patterns).toEqual(['\\p{N}', qwen2Pattern])
  })

  it('takes a whole piece before merges when the file says ignore_merges', () => {
    const changed = file()
    changed.model = { ...changed.model, ignore_merges: true, merges: [] }
    const whole = Tokenizer.fromHuggingFace(changed)
    expect(whole.encode(' the')).toHaveLength(1)
    expect(whole.encode(' then')).toHaveLength(5)
    expect(Tokenizer.fromHuggingFace(whole.toHuggingFace()).encode(' the')).toHaveLength(1)
  })

  it.each<[string, (file: File) => unknown]>([
    ['not an object', () => 'text'],
    ['no model', () => ({})],
    ['a missing byte', (f) => delete f.model.vocab.a],
    ['an id twice', (f) => (f.model.vocab.a = 98)],
    ['an id out of range', (f) => (f.model.vocab.a = 1e9)],
    ['an id that is no number', (f) => Object.assign(f.model.vocab, { a: 'x' })],
    ['a token outside the byte alphabet', (f) => (f.model.vocab.日 = 999)],
    ['a merge of three', (f) => f.model.merges.push('a b c')],
    ['a merge of unknown tokens', (f) => f.model.merges.push('qq zz')],
    ['merges that are no list', (f) => Object.assign(f.model, { merges: {} })],
    ['a special token without content', (f) => f.added_tokens.push({ id: 320 })],
  ])('refuses %s', (_what, change) => {
    const broken = file()
    const result = change(broken)
    expect(() =>
      Tokenizer.fromHuggingFace(typeof result === 'object' || result === 'text' ? result : broken),
    ).toThrow(expect.objectContaining({ code: 'nn_tokenizer_file_invalid' }))
  })

  it.each<[string, (file: File) => void]>([
    ['WordPiece', (f) => (f.model.type = 'WordPiece')],
    ['byte_fallback', (f) => (f.model.byte_fallback = true)],
    ['lstrip', (f) => (f.added_tokens[0]!.lstrip = true)],
    ['Lowercase', (f) => (f.normalizer = { type: 'Lowercase' })],
    ['Metaspace', (f) => (f.pre_tokenizer = { type: 'Metaspace' })],
    ['add_prefix_space', (f) => (f.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: true })],
    ['Whitespace', (f) => (f.pre_tokenizer = sequence({ type: 'Whitespace' }))],
    ['Removed', (f) => (f.pre_tokenizer = sequence({ ...split('x'), behavior: 'Removed' }))],
    ['Regex', (f) => (f.pre_tokenizer = sequence({ ...split('x'), pattern: { String: ' ' } }))],
  ])('names the unsupported %s', (name, change) => {
    const changed = file()
    change(changed)
    expect(() => Tokenizer.fromHuggingFace(changed)).toThrow(
      expect.objectContaining({
        code: 'nn_tokenizer_unsupported',
        message: expect.stringContaining(name === 'Metaspace' ? 'ByteLevel' : name),
      }),
    )
  })
})

function split(regex: string): Record<string, unknown> {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false }
}

function sequence(step: unknown): unknown {
  return { type: 'Sequence', pretokenizers: [step, { type: 'ByteLevel', use_regex: false }] }
}
