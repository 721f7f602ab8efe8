/** The text of the generated files. Pure: operators in, TypeScript out. */

import { camelCase, Kind, type Overload } from '../src/schema.ts'
import { methodNames } from './method-names.ts'
import { signaturesOf } from './signatures.ts'

type Operators = ReadonlyMap<string, readonly Overload[]>

const header = (what: string, version: string): string =>
  `/** ${what} Written by codegen/generate.ts from libtorch ${version}; edit that, not this. */\n`

const types = `import type { Device, DType, Layout, MemoryFormat, Optional as O, Reduction, Scalar } from '../dtype.ts'`

/** Names that cannot be declared, but can be exported. */
const undeclarable = new Set(['var'])

/** One exported function per operator. */
export function renderOperators(operators: Operators, version: string): string {
  const functions = [...operators].flatMap(([name, overloads]) => {
    const key = camelCase(name)
    const { aliases, type } = signaturesOf(key, overloads, false)
    const declared = undeclarable.has(key)
      ? `const ${key}_: ${type} = op('${name}')\nexport { ${key}_ as ${key} }`
      : `export const ${key}: ${type} = op('${name}')`
    return [...aliases, declared]
  })
  return `${header('The public operators, one function each.', version)}
import { op } from '../dispatch.ts'
${types}
import type { Tensor } from '../tensor.ts'

${functions.join('\n')}
`
}

/** A base class of Tensor, which it has as a type parameter, with the operators that read well as methods. */
export function renderMethods(operators: Operators, version: string): string {
  const methods = methodNames.map((name) => {
    const overloads = operators.get(name)
    if (overloads === undefined)
      throw new Error(`method-names.ts lists ${name}, which is not a public operator`)
    const key = camelCase(name)
    return { key, ...signaturesOf(key, overloads.filter(takesReceiver), true) }
  })
  return `${header('Operators as methods of Tensor.', version)}
import { method, op } from '../dispatch.ts'
${types}
import { Handle } from '../handle.ts'
import { camelCase } from '../schema.ts'

${methods.flatMap(({ aliases }) => aliases).join('\n')}

export abstract class TensorMethods<Tensor> extends Handle {
${methods.map(({ key, type }) => `  declare ${key}: ${type}`).join('\n')}
}

for (const name of '${methodNames.join(' ')}'.split(' ')) {
  Object.defineProperty(TensorMethods.prototype, camelCase(name), {
    value: method(op(name)),
    writable: true,
    configurable: true,
  })
}
`
}

/** Whether the first argument is a tensor, and so can be the receiver. */
function takesReceiver({ parameters: [first] }: Overload): boolean {
  return first !== undefined && first.kind === Kind.Tensor && !first.list
}
