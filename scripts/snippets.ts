/**
 * Writes the examples of the API and the TypeScript blocks of the documentation to `.cache/snippets`, where `npm run check` type-checks them
 * with the rest of the repository. A file is named after the place of its snippet.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modules } from '../tests/docs/modules.ts'
import { given } from './api-run.ts'
import { examplesOf, publicNames } from './api-shown.ts'
import { root } from './api-surface.ts'

const folder = join(root, '.cache/snippets')
const texts = new Map(Object.entries(given))
for (const [index, { folder: pkg, name, code }] of examplesOf(publicNames()).entries())
  texts.set(`${pkg}-${name}-${index}.ts`, `${code}\nexport {}\n`)
for (const { block, text } of modules())
  texts.set(`${block.page.replaceAll(/[/.]/g, '-')}-${block.line}.ts`, text)

mkdirSync(folder, { recursive: true })
for (const name of readdirSync(folder).filter((each) => !texts.has(each))) rmSync(join(folder, name))
// Unchanged files keep their time, for incremental checks.
for (const [name, text] of texts)
  if (read(join(folder, name)) !== text) writeFileSync(join(folder, name), text)

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
