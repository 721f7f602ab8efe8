import { join, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModelCache } from './model-cache.ts'
import { type ModelRef, parseModelRef } from './model-ref.ts'

const cacheDir = join(sep, 'cache')
const cache = new ModelCache(cacheDir)

/** The cache path of a model file; undefined if the reference is invalid or needs no cache. */
function cachePath(text: string): string | undefined {
  let ref: ModelRef
  try {
    ref = parseModelRef(text)
  } catch (error) {
    expect(error).toMatchObject({ code: 'model_ref_invalid' })
    return undefined
  }
  if (ref.kind === 'path') return undefined
  return ref.kind === 'hub'
    ? join(cache.hubFolder(ref.repo, [{ path: 'm.gguf', size: 1 }]), 'm.gguf')
    : join(cache.urlFolder(ref.url), cache.urlFileName(ref.url))
}

const nasty = fc
  .array(
    fc.constantFrom(
      '..',
      '.',
      'a',
      'b-1',
      '/',
      '%2F',
      '%2f',
      '%2e',
      '%5C',
      '\\',
      '%00',
      '%zz',
      '@',
      ':',
      ' ',
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((pieces) => pieces.join(''))
const refs = fc.oneof(
  fc
    .tuple(nasty, nasty, nasty, nasty)
    .map(([o, r, v, f]) => `https://huggingface.co/${o}/${r}/blob/${v}/${f}.gguf`),
  fc.tuple(nasty, nasty, nasty).map(([o, r, f]) => `hf:${o}/${r}/${f}.gguf`),
  fc.tuple(nasty, nasty).map(([host, path]) => `https://${host}/${path}`),
  fc.webUrl({ withQueryParameters: true }),
  fc.string().map((text) => `hf:${text}`),
)

describe('where a downloaded model goes', () => {
  it('is inside its folder of the cache, whatever the reference', () => {
    let accepted = 0
    fc.assert(
      fc.property(refs, (text) => {
        const path = cachePath(text)
        if (path === undefined) return
        accepted += 1
        const steps = path.slice(cacheDir.length + 1).split(sep)
        expect(path.startsWith(cacheDir + sep)).toBe(true)
        expect(steps[0]).toBe('models')
        expect(['hf', 'url']).toContain(steps[1])
        expect(steps).toHaveLength(steps[1] === 'hf' ? 6 : 5)
      }),
      { numRuns: 2000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  it.each([
    'https://huggingface.co/a%2F..%2F../r/blob/main/m.gguf',
    'https://huggingface.co/a%2F..%2F..%2F..%2F..%2Fetc/r/blob/main/m.gguf',
    'https://huggingface.co/o/%2e%2e%2F../blob/main/m.gguf',
  ])('regression: %s is refused', (text) => expect(cachePath(text)).toBeUndefined())

  it('does not depend on dots in a host or a name', () => {
    expect(cachePath('https://../x.gguf')).toMatch(/models.url._.[0-9a-f]{12}.x\.gguf$/)
    expect(cachePath('https://h/%5C..%5C.gguf')).toMatch(/_\.\._\.gguf$/)
  })
})
