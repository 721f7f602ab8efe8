import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHubFiles } from './hub-listing.ts'

const [oid, lfsOid] = ['a'.repeat(40), 'b'.repeat(64)]
const pathsOf = (...paths: unknown[]): string[] =>
  readHubFiles(paths.map((path) => ({ type: 'file', path, size: 1, oid }))).map(({ path }) => path)

describe('readHubFiles', () => {
  it('distinguishes files in git from files in large-file storage', () => {
    const entries = [
      { type: 'directory', path: 'x', size: 0, oid },
      { type: 'file', path: 'x/config.json', size: 7, oid },
      { type: 'file', path: 'model.safetensors', size: 134, oid, lfs: { oid: lfsOid, size: 9 } },
      { type: 'file', path: 'old.gguf', size: 134, oid, lfs: { oid: `sha256:${lfsOid}`, size: 9 } },
      { type: 'file', path: 'mirror.txt', size: 3 },
    ]
    expect(readHubFiles(entries)).toEqual([
      { path: 'x/config.json', size: 7, gitBlob: oid },
      { path: 'model.safetensors', size: 9, sha256: lfsOid },
      { path: 'old.gguf', size: 9, sha256: lfsOid },
      { path: 'mirror.txt', size: 3 },
    ])
  })

  it('leaves out what has no size or leads elsewhere', () => {
    for (const size of [-1, 0.5, '3', null, Number.NaN, Number.POSITIVE_INFINITY])
      expect(readHubFiles([{ type: 'file', path: 'a', size, oid }])).toEqual([])
    const plain = ['a', 'a/b.json', '..a', 'a..', 'a b', 'ä.gguf', '…', `${'x'.repeat(255)}/y`]
    expect(pathsOf(...plain)).toEqual(plain)
    const others = [
      '',
      '..',
      '.',
      '/a',
      'a/',
      'a//b',
      'a/../b',
      '../a',
      './a',
      '..\\a',
      'C:\\a',
      '\\\\h\\a',
      ' ',
      '.. ',
      'a/ ../b',
      '...',
    ]
    expect(pathsOf(...others, 'a\u0000b', 'a\nb', '\u007f', 'x'.repeat(256), 'ä'.repeat(128))).toEqual([])
    expect(pathsOf(`${'x/'.repeat(600)}y`, 3, null, undefined, ['a'], {})).toEqual([])
  })

  it('takes anything without failing, and lets no path out of the folder', () => {
    const step = fc.constantFrom('..', '.', '/', '\\', 'a', '\u0000', '')
    const path = fc.oneof(
      fc.array(step).map((steps) => steps.join('')),
      fc.string({ unit: 'binary' }),
    )
    const entry = fc.oneof(fc.anything(), fc.record({ type: fc.constant('file'), path, size: fc.nat() }))
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        for (const { path } of readHubFiles(entries)) {
          expect(path).not.toMatch(/^\/|\\|\u0000/)
          expect(new URL(path.replaceAll('%', '%25'), 'file:///folder/').pathname).toMatch(/^\/folder\/./)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
