import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { localImports } from './local-imports.ts'

it('finds what is imported by path, in every way, also in circles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-imports-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'dir'))
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write(
    'a.mjs',
    `import x from './b.mjs'\nimport { y } from "./dir"\nimport './c'\nexport * from '../gone.ts'\nimport 'hadal'`,
  )
  write('b.mjs', `import './a.mjs'\nconst d = await import('./d.js')`)
  write('c.cjs', `const e = require('./e.json')`)
  write('d.ts', '')
  write('e.json', '{}')
  write('dir/index.ts', `export { y } from\n  '../f.ts'`)
  write('f.ts', '')
  expect(localImports(join(folder, 'a.mjs')).map((file) => file.slice(folder.length + 1))).toEqual([
    'a.mjs',
    'b.mjs',
    'dir/index.ts',
    'c.cjs',
    'd.ts',
    'f.ts',
    'e.json',
  ])
  expect(localImports(join(folder, 'none.ts'))).toEqual([join(folder, 'none.ts')])
})
