/**
 * Writes `src/generated/` from the schemas of the libtorch that the addon is built against:
 *
 *     npx tsx --conditions=@hadal/source packages/training/tensor/codegen/generate.ts
 *
 * The result is committed, so types and builds need no libtorch. `--check` writes nothing and fails if the output is outdated (or
 * cannot be checked, with another version of libtorch).
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { native } from '../src/native.ts'
import { type Overload, readOverloads } from '../src/schema.ts'
import { renderMethods, renderOperators } from './render.ts'
import { isPublic } from './surface.ts'

const folder = new URL('../src/generated/', import.meta.url)
const [version] = native().info()

const operators = new Map<string, readonly Overload[]>()
for (const full of native().operatorNames().sort()) {
  const [namespace, name] = full.split('::')
  if (namespace !== 'aten' || !isPublic(name!)) continue
  const overloads = readOverloads(native().overloads(full))
  if (overloads.length > 0) operators.set(name!, overloads)
}
const files = {
  'operators.ts': renderOperators(operators, version),
  'methods.ts': renderMethods(operators, version),
}

if (process.argv.includes('--check')) {
  for (const [name, text] of Object.entries(files)) {
    const written = readFileSync(new URL(name, folder), 'utf8')
    if (!written.includes(`libtorch ${version}`))
      console.log(`${name}: written from another libtorch, not checked`)
    else if (written === text) console.log(`${name}: current`)
    else throw new Error(`src/generated/${name} is out of date: run codegen/generate.ts`)
  }
} else {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, folder), text)
  console.log(`${operators.size} operators from libtorch ${version}`)
}
