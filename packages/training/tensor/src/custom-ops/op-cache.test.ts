import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { discard, findKept, hashOf, isKept, keepLibrary, readLibrary, workFolder } from './op-cache.ts'

let cache: string
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'hadal-op-cache-'))
})
afterEach(() => rmSync(cache, { recursive: true }))

const manifest = { name: 'my::op', key: 'k', libtorch: 'libtorch 2.6.0', wrapperVersion: 1, compiler: 'g++' }
const compiled = (content: string): string => {
  const work = workFolder(cache)
  writeFileSync(join(work, 'op.so'), content)
  return work
}

describe('the cache of operators', () => {
  it('gives what was kept, after a look at its content', () => {
    const folder = join(cache, 'my-op-1')
    keepLibrary(compiled('machine code'), folder, manifest)
    expect(readLibrary(folder, 'libtorch 2.6.0', 1).manifest).toMatchObject(manifest)
    expect(readdirSync(cache)).toEqual(['my-op-1'])
    writeFileSync(join(folder, 'op.so'), 'machine')
    expect(() => readLibrary(folder, 'libtorch 2.6.0', 1)).toThrow('its content is not what was written')
    writeFileSync(join(folder, 'manifest.json'), '{}')
    expect(() => readLibrary(folder, 'libtorch 2.6.0', 1)).toThrow('it is no manifest of an operator')
    discard(folder)
    expect(readdirSync(cache)).toEqual([])
    discard(folder) // somebody else was faster
  })

  it('keeps the first of two that were compiled at once', () => {
    const folder = join(cache, 'my-op-1')
    const [first, second] = [compiled('first'), compiled('second')]
    keepLibrary(first, folder, manifest)
    keepLibrary(second, folder, manifest)
    expect(readFileSync(join(folder, 'op.so'), 'utf8')).toBe('first')
    expect(existsSync(second)).toBe(false)
    readLibrary(folder, 'libtorch 2.6.0', 1)
  })

  it('refuses what was built for another libtorch, and says for which', () => {
    const folder = join(cache, 'my-op-1')
    keepLibrary(compiled('x'), folder, manifest)
    expect(() => readLibrary(folder, 'libtorch 2.7.0', 1)).toThrow(
      /built for libtorch 2\.6\.0.*this is libtorch 2\.7\.0/,
    )
    expect(() => readLibrary(folder, 'libtorch 2.6.0', 2)).toThrow('op.so was built for')
    expect(findKept(cache, 'my-op', 'k', 'libtorch 2.6.0', 1)).toBe(folder)
    expect(findKept(cache, 'my-op', 'k', 'libtorch 2.7.0', 1)).toBeUndefined()
    expect(findKept(cache, 'my-op', 'other', 'libtorch 2.6.0', 1)).toBeUndefined()
  })

  it('is for this user alone, and takes nothing that another user left in it', () => {
    const own = join(cache, 'new', 'ops')
    workFolder(own)
    expect(statSync(own).mode & 0o777).toBe(0o700)
    const folder = join(cache, 'my-op-1')
    keepLibrary(compiled('x'), folder, manifest)
    expect(isKept(folder)).toBe(true)
    const me = vi.spyOn(process, 'getuid').mockReturnValue(statSync(folder).uid + 1)
    if (statSync(folder).uid === 0) chownSync(folder, 4242, -1)
    expect(isKept(folder)).toBe(false)
    expect(findKept(cache, 'my-op', 'k', 'libtorch 2.6.0', 1)).toBeUndefined()
    expect(() => keepLibrary(compiled('y'), folder, manifest)).toThrow('cannot cache compiled operators in')
    me.mockRestore()
  })

  it('is rid of what killed compilers left, a day later', () => {
    const [old, young] = [workFolder(cache), workFolder(cache)]
    const yesterday = new Date(Date.now() - 25 * 3_600_000)
    utimesSync(old, yesterday, yesterday)
    const next = workFolder(cache)
    expect([old, young, next].map((path) => existsSync(path))).toEqual([false, true, true])
  })

  it('says so where it cannot be written', () => {
    writeFileSync(join(cache, 'file'), '')
    expect(() => workFolder(join(cache, 'file', 'ops'))).toThrow(/cannot cache compiled operators in/)
    mkdirSync(join(cache, 'empty'))
    expect(() => readLibrary(join(cache, 'empty'), 'x', 1)).toThrow('manifest.json: ENOENT')
  })

  it('distinguishes the parts of a key', () => {
    expect(hashOf(['ab', 'c'])).not.toBe(hashOf(['a', 'bc']))
    expect(hashOf(['a', undefined])).toBe(hashOf(['a', null]))
  })
})
