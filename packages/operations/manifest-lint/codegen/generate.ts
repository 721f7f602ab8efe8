/**
 * Writes `src/schemas/generated/kubernetes-table.ts`, the fields and types of what people deploy:
 *
 *     npx tsx packages/operations/manifest-lint/codegen/generate.ts
 *
 * The result is committed, so the linter needs none of these packages. `--check` writes nothing and fails if the output is
 * outdated.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtIn } from './built-in.ts'
import { custom } from './custom.ts'
import { renderTable } from './render.ts'

const folder = new URL('../src/schemas/generated/', import.meta.url)
const file = new URL('kubernetes-table.ts', folder)
const core = await builtIn()
const text = renderTable(core, custom(core))

if (!process.argv.includes('--check')) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, text)
} else if (readFileSync(file, 'utf8') === text) console.log('kubernetes-table.ts: current')
else throw new Error('src/schemas/generated/kubernetes-table.ts is out of date: run codegen/generate.ts')
