/**
 * Writes `src/generated/` from the schemas of the libtorch that the addon is built against:
 *   npx tsx --conditions=@hadal/source packages/tensor/codegen/generate.ts
 * The result is committed, so types and builds need no libtorch.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { native } from '../src/native.ts'
import { camelCase, Kind, type Overload, readOverloads } from '../src/schema.ts'
import { methodNames } from './method-names.ts'
import { signaturesOf } from './signatures.ts'
import { isPublic } from './surface.ts'

const folder = new URL('../src/generated/', import.meta.url)
const [version] = native().info()
const aten = 'aten::'

const operators = new Map<string, Overload[]>()
for (const full of native().operatorNames().sort()) {
  if (!full.startsWith(aten) || !isPublic(full.slice(aten.length))) continue
  const overloads = readOverloads(native().overloads(full))
  if (overloads.length > 0) operators.set(full.slice(aten.length), overloads)
}

const header = (what: string): string =>
  `/** ${what} Written by codegen/generate.ts from libtorch ${version}; edit that, not this. */\n\n`

// Names that cannot be declared can still be exported.
const undeclarable = new Set(['var'])
const functions = [...operators].flatMap(([name, overloads]) => {
  const key = camelCase(name)
  const { aliases, type } = signaturesOf(key, overloads, false)
  const declared = undeclarable.has(key)
    ? `const ${key}_: ${type} = op('${name}')\nexport { ${key}_ as ${key} }`
    : `export const ${key}: ${type} = op('${name}')`
  return [...aliases, declared]
})
const imports = `import type { Device, DType, Layout, MemoryFormat, Optional as O, Reduction, Scalar } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'
`

mkdirSync(folder, { recursive: true })
writeFileSync(
  new URL('operators.ts', folder),
  `${header('The public operators, one function each.')}import { op } from '../dispatch.ts'
${imports}
${functions.join('\n')}
`,
)

const receiverFirst = ({ parameters: [first] }: Overload): boolean =>
  first !== undefined && first.kind === Kind.Tensor && !first.list
const methods = methodNames.map((name) => {
  const overloads = operators.get(name)
  if (overloads === undefined)
    throw new Error(`method-names.ts lists ${name}, which is not a public operator`)
  const key = camelCase(name)
  return { key, ...signaturesOf(key, overloads.filter(receiverFirst), true) }
})
writeFileSync(
  new URL('methods.ts', folder),
  `${header('Operators as methods of Tensor.')}import { method } from '../dispatch.ts'
import { Handle } from '../handle.ts'
${imports}import * as operators from './operators.ts'

${methods.flatMap(({ aliases }) => aliases.map((alias) => alias.replace('export ', ''))).join('\n')}

export abstract class TensorMethods extends Handle {
${methods.map(({ key, type }) => `  declare ${key}: ${type}`).join('\n')}
}

for (const name of '${methods.map(({ key }) => key).join(' ')}'.split(' ')) {
  Object.defineProperty(TensorMethods.prototype, name, {
    value: method((operators as Record<string, (...args: never[]) => unknown>)[name]!),
    writable: true,
    configurable: true,
  })
}
`,
)
console.log(`${operators.size} operators, ${methods.length} methods, from libtorch ${version}`)
