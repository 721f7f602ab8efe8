import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { ownHeaders, readSource } from './sources.ts'

it('finds headers where the compiler does, and leaves those of libraries to it', () => {
  const [beside, elsewhere] = [0, 1].map(() => {
    const folder = mkdtempSync(join(tmpdir(), 'hadal-op-headers-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return folder
  }) as [string, string]
  writeFileSync(join(beside, 'op.cc'), '#include "ATen/ATen.h"\n#include "near.h"\n # include "far.h"\n')
  writeFileSync(join(beside, 'near.h'), '#include "near.h"\n// near')
  writeFileSync(join(elsewhere, 'far.h'), '#include "farther.h"\n// far')
  writeFileSync(join(elsewhere, 'farther.h'), '// farther')
  const source = readSource('my::op', 'cpu', pathToFileURL(join(beside, 'op.cc')))
  const last = (headers: readonly string[]): string[] => headers.map((text) => text.split('// ').at(-1)!)
  expect(last(ownHeaders('my::op', source, [elsewhere]))).toEqual(['near', 'far', 'farther'])
  expect(last(ownHeaders('my::op', source, []))).toEqual(['near'])
  const text = readSource('my::op', 'cpu', '#include "far.h"')
  expect(last(ownHeaders('my::op', text, [elsewhere]))).toEqual(['far', 'farther'])
})
