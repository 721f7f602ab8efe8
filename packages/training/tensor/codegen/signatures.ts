/** TypeScript call signatures for an operator's overloads. Pure: schemas in, text out. */

import { Kind, type Overload, type Parameter, type Result } from '../src/schema.ts'

const reserved = new Set([
  'default',
  'delete',
  'do',
  'else',
  'for',
  'if',
  'in',
  'new',
  'this',
  'var',
  'with',
  'function',
])

const elementTypes: Record<number, string> = {
  [Kind.Tensor]: 'Tensor',
  [Kind.Int]: 'number',
  [Kind.Float]: 'number',
  [Kind.Bool]: 'boolean',
  [Kind.Scalar]: 'Scalar',
  [Kind.String]: 'string',
  [Kind.Device]: 'Device',
  [Kind.DType]: 'DType',
  [Kind.Layout]: 'Layout',
  [Kind.MemoryFormat]: 'MemoryFormat',
}

function typeOf(p: Parameter): string {
  const element = p.key === 'reduction' && p.kind === Kind.Int ? 'Reduction | number' : elementTypes[p.kind]!
  const list = p.optionalElements ? `readonly (${element} | null)[]` : `readonly ${element}[]`
  const type = p.list ? (p.length > 0 ? `${element} | ${list}` : list) : element
  return p.optional ? `${type} | null` : type
}

function resultType(results: readonly Result[]): string {
  const one = (r: Result): string => (r.list ? `${elementTypes[r.kind]}[]` : elementTypes[r.kind]!)
  if (results.length === 0) return 'void'
  if (results.length === 1) return one(results[0]!)
  return `[${results.map(one).join(', ')}]`
}

/** Whether another overload is this one with one tensor to write to. */
function takesOut(overload: Overload, all: readonly Overload[]): boolean {
  const same = overload.parameters.map((p) => `${p.name}:${typeOf(p)}`).join()
  return all.some(({ parameters }) => {
    const outs = parameters.filter((p) => p.out)
    const rest = parameters.filter((p) => !p.out)
    return (
      outs.length === 1 &&
      outs[0]!.name === 'out' &&
      rest.map((p) => `${p.name}:${typeOf(p)}`).join() === same
    )
  })
}

/** `O<{...}>` for what may be left out, alongside what may not. */
function optionsType(named: readonly Parameter[], out: boolean): string | undefined {
  const write = (p: Parameter): string => `${p.key}: ${typeOf(p)}`
  const optional = named.filter((p) => p.hasDefault).map(write)
  if (out) optional.push('out: Tensor')
  const mandatory = named.filter((p) => !p.hasDefault).map(write)
  const parts: string[] = []
  if (mandatory.length > 0) parts.push(`{ ${mandatory.join('; ')} }`)
  if (optional.length > 0) parts.push(`O<{ ${optional.join('; ')} }>`)
  return parts.length === 0 ? undefined : parts.join(' & ')
}

/** The declarations of one operator's function: aliases for its options, and its type. */
export interface Signatures {
  readonly aliases: readonly string[]
  readonly type: string
}

/**
 * One call signature per overload. As a method the first argument is the receiver and is not listed. Option types that
 * several places mention get a name that starts with `name`.
 */
export function signaturesOf(name: string, overloads: readonly Overload[], asMethod: boolean): Signatures {
  const functional = overloads.filter(({ parameters }) => !parameters.some((p) => p.out))
  const usable = functional.length > 0 ? functional : overloads
  const names = new Map<string, string>()
  const nameFor = (type: string): string => {
    // Methods have the class of tensors as a type parameter.
    const parameter = asMethod && /\bTensor\b/.test(type) ? '<Tensor>' : ''
    const known = names.get(type) ?? `${name}Options${names.size === 0 ? '' : names.size + 1}${parameter}`
    names.set(type, known)
    return known
  }
  const signature = (overload: Overload): string => {
    const given = overload.parameters.filter((p) => p.kind !== Kind.Generator)
    const named = given.filter((p) => p.keywordOnly || p.hasDefault)
    const places = given.filter((p) => !p.keywordOnly).slice(asMethod ? 1 : 0)
    const shared = places.some((p) => p.hasDefault)
    const written = optionsType(named, takesOut(overload, overloads))
    const options = written === undefined ? undefined : shared ? nameFor(written) : written
    const list = places.map((p) => {
      const label = reserved.has(p.key) ? `${p.key}_` : p.key
      return p.hasDefault ? `${label}?: ${typeOf(p)} | ${options}` : `${label}: ${typeOf(p)}`
    })
    const mandatory = named.some((p) => !p.hasDefault)
    if (options !== undefined) list.push(`options${mandatory ? '' : '?'}: ${options}`)
    return `(${list.join(', ')}): ${resultType(overload.results)}`
  }
  const type = `{ ${[...new Set(usable.map(signature))].join('; ')} }`
  return { aliases: [...names].map(([written, alias]) => `type ${alias} = ${written}`), type }
}
