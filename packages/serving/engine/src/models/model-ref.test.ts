import { describe, expect, it } from 'vitest'
import { parseModelRef } from './model-ref.ts'

const digits = 'ab'.repeat(32)

describe('parseModelRef', () => {
  it.each([
    ['model.gguf', { kind: 'path', path: 'model.gguf' }],
    ['C:\\models\\a.gguf', { kind: 'path', path: 'C:\\models\\a.gguf' }],
    ['file:///models/a%20b.gguf', { kind: 'path', path: '/models/a b.gguf' }],
    ['hf:o/r', { kind: 'hub', repo: 'o/r', revision: 'main' }],
    ['hf:o/r.GGUF:Q4_K_M', { kind: 'hub', repo: 'o/r.GGUF', revision: 'main', quant: 'Q4_K_M' }],
    ['hf:o/r@v1.0:q8_0', { kind: 'hub', repo: 'o/r', revision: 'v1.0', quant: 'q8_0' }],
    ['hf:o/r:safetensors', { kind: 'hub', repo: 'o/r', revision: 'main', format: 'safetensors' }],
    [
      'hf:o/r@refs/pr/1:SafeTensors',
      { kind: 'hub', repo: 'o/r', revision: 'refs/pr/1', format: 'safetensors' },
    ],
    ['hf:o/r/sub/m.gguf', { kind: 'hub', repo: 'o/r', revision: 'main', file: 'sub/m.gguf' }],
    ['hf:o/r@abc/m.gguf', { kind: 'hub', repo: 'o/r', revision: 'abc', file: 'm.gguf' }],
    ['https://example.com/m.gguf?a=1', { kind: 'url', url: 'https://example.com/m.gguf?a=1' }],
    [
      `http://example.com/m.gguf#sha256=${digits}`,
      { kind: 'url', url: 'http://example.com/m.gguf', sha256: digits },
    ],
    [
      'https://huggingface.co/o/r/blob/main/sub/m.gguf',
      { kind: 'hub', repo: 'o/r', revision: 'main', file: 'sub/m.gguf' },
    ],
    [
      'https://huggingface.co/o/r/resolve/refs%2Fpr%2F1/a%20b.gguf',
      { kind: 'hub', repo: 'o/r', revision: 'refs/pr/1', file: 'a b.gguf' },
    ],
  ])('%s', (text, ref) => expect(parseModelRef(text)).toEqual(ref))

  it.each([
    ['', 'empty'],
    ['hf:', 'owner'],
    ['hf:owner', 'owner'],
    ['hf:o/r:', 'owner'],
    ['hf:o/r/notes.txt', 'owner'],
    ['hf:o/r/model.safetensors', 'hf:owner/repo:safetensors'],
    ['hf:o/r/../../x.gguf', '..'],
    ['hf:o/r@../x.gguf', '..'],
    ['https://', 'malformed'],
    ['https://h/a%zz.gguf', 'URI malformed'],
    ['https://huggingface.co/o/r/blob/main/a%zz.gguf', 'URI malformed'],
    ['file://host/x', 'host'],
    ['file:///a%zz', 'URI malformed'],
    ['https://huggingface.co/a%2F..%2F..%2F../r/blob/main/m.gguf', 'impossible name'],
    ['https://huggingface.co/o/r/blob/a%20b/m.gguf', 'impossible name'],
    ['https://huggingface.co/o/r/blob/main/..%2Fm.gguf', '..'],
    ['https://huggingface.co/o/r/blob/..%2F..%2Fx/m.gguf', '..'],
    ['http://example.com/m.gguf', 'checksum'],
    ['https://example.com/m.gguf#sha256=12', 'fragment'],
  ])('refuses %j', (text, why) => {
    expect(() => parseModelRef(text)).toThrow(
      expect.objectContaining({ code: 'model_ref_invalid', message: expect.stringContaining(why) }),
    )
  })
})
