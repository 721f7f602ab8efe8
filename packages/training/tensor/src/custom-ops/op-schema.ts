/** Parses a schema with libtorch's own parser, and rejects what custom operators do not support. Compiles nothing. */

import { messageOf } from '@hadal/base'
import { native } from '../native.ts'
import { parameterType, parameterTypes, reservedNames, resultType, resultTypes } from './cpp-types.ts'
import { opSchemaInvalid, opSchemaUnsupported } from './errors.ts'

export interface Place {
  readonly name: string
  /** `Tensor`, `int[]`. */
  readonly type: string
}

export interface OpSchema {
  /** `my::vector_add` */
  readonly name: string
  readonly namespace: string
  /** `vector_add` */
  readonly base: string
  /** `vector_add(Tensor a, Tensor b) -> Tensor` */
  readonly text: string
  readonly parameters: readonly Place[]
  /** Those without a name are `result`, or `result0`, `result1`. */
  readonly results: readonly Place[]
}

/** libtorch's parser recurses into nested types; a stack overflow ends the process. */
const longest = 2000

/** Throws `op_schema_invalid` with libtorch's words and `op_schema_unsupported`. */
export function readOpSchema(name: string, schema: string): OpSchema {
  const [, namespace, base] = /^([A-Za-z_]\w*)::([A-Za-z_]\w*)$/.exec(name) ?? []
  if (namespace === undefined || base === undefined)
    throw opSchemaInvalid(name, 'a name is two words: my::vector_add')
  if (schema.length > longest)
    throw opSchemaInvalid(name, `it has ${schema.length} characters, and at most ${longest} are read`)
  // Text before the arguments would be an overload name; there is only one overload.
  if (!schema.trim().startsWith('('))
    throw opSchemaInvalid(
      name,
      `it must begin with its arguments in parentheses, not with ${JSON.stringify(schema.trim().slice(0, 40))}`,
    )
  const text = `${base}${schema.trim()}`
  const [parameters, results] = parse(name, text)
  for (const { name: argument, type, aliased } of parameters) {
    if (aliased) throw aliasRefused(name, argument)
    if (parameterType(type) === undefined)
      throw opSchemaUnsupported(
        name,
        `the argument ${argument} is of type ${type}, which kernels cannot take`,
        `Use one of ${parameterTypes.join(', ')}.`,
      )
    checkName(name, 'argument', argument)
  }
  if (results.length === 0)
    throw opSchemaUnsupported(
      name,
      'it gives nothing',
      'Operators cannot change their arguments, so they must have a result.',
    )
  for (const { name: result, type, aliased } of results) {
    if (aliased) throw aliasRefused(name, 'result')
    checkName(name, 'result', result)
    if (resultType(type) === undefined)
      throw opSchemaUnsupported(
        name,
        `a result is of type ${type}, which kernels cannot give`,
        `Use one of ${resultTypes.join(', ')}.`,
      )
  }
  const named = results.map((result, i) => ({
    ...result,
    name: result.name || (results.length === 1 ? 'result' : `result${i}`),
  }))
  const twice = [...parameters, ...named].map((place) => place.name)
  const again = twice.find((place, i) => twice.indexOf(place) !== i)
  if (again !== undefined)
    throw opSchemaUnsupported(
      name,
      `two arguments or results are named ${again}`,
      'Give each a name of its own.',
    )
  return { name, namespace, base, text, parameters, results: named }
}

function checkName(name: string, what: 'argument' | 'result', given: string): void {
  if (!reservedNames.has(given) && !given.startsWith('hadal_')) return
  throw opSchemaUnsupported(
    name,
    `no ${what} can be named ${given}`,
    'C++ or generated code uses that name: choose another.',
  )
}

function aliasRefused(name: string, place: string): Error {
  return opSchemaUnsupported(
    name,
    `${place} is marked as shared or changed in place`,
    'Give a new tensor: what changes its arguments behind autograd’s back makes wrong gradients.',
  )
}

interface Parsed extends Place {
  readonly aliased: boolean
}

function parse(name: string, text: string): readonly [Parsed[], Parsed[]] {
  try {
    const [parameters, results] = native().parseOpSchema(text)
    return [inThrees(parameters), inThrees(results)]
  } catch (thrown) {
    throw opSchemaInvalid(name, messageOf(thrown).trim()).with({ cause: thrown })
  }
}

function inThrees(texts: readonly string[]): Parsed[] {
  return Array.from({ length: texts.length / 3 }, (_, i) => ({
    name: texts[3 * i]!,
    type: texts[3 * i + 1]!,
    aliased: texts[3 * i + 2] !== '',
  }))
}
