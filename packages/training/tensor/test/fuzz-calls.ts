/**
 * A program that calls public functions with random, invalid arguments, and prints each call first, so that
 * its parent can name the one that crashed. Errors are fine; ending is not.
 *
 *     fuzz-calls.ts <first seed> <rounds> <function names, comma separated>
 */

import { writeSync } from 'node:fs'
import { grad, schemasOf, scope, Tensor, torch } from '@hadal/tensor'

type Random = () => number
type Value = unknown

/** mulberry32 */
function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!
const many = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, make)

const shapes = [[], [0], [1], [4], [3, 3], [4, 4], [2, 3, 4], [1, 3, 8, 8], [2, 0, 3], [1, 2, 4, 4, 4]]
const dtypes = [
  'float32',
  'float32',
  'float32',
  'float64',
  'int64',
  'int32',
  'bool',
  'uint8',
  'bfloat16',
  'complex64',
] as const
const words = [
  'none',
  'mean',
  'sum',
  'constant',
  'reflect',
  'float32',
  'cpu',
  'cuda:7',
  'strided',
  'sparse_coo',
  'left',
  'tanh',
  'ij,jk->ik',
  'channels_last',
  'prod',
  'amax',
  'valid',
  'fro',
  '',
  'L',
  'ortho',
]
const huge = [2 ** 31, 2 ** 31 - 1, 2 ** 40, Number.MAX_SAFE_INTEGER, -(2 ** 31) - 1, Number.MIN_SAFE_INTEGER]
const odd = [Number.NaN, Number.POSITIVE_INFINITY, -0, 0.5, -1, 2 ** 60]

function tensor(random: Random, like: readonly number[] | undefined): Tensor {
  const shape = like !== undefined && random() < 0.6 ? like : pick(random, shapes)
  const dtype = pick(random, dtypes)
  const values = random() < 0.3 ? torch.randint(-3, 12, shape) : torch.randn(shape)
  const made = values.to(dtype)
  if (dtype.startsWith('float') && random() < 0.4) made.requiresGrad_()
  return random() < 0.1 && made.ndim > 1 ? made.transpose(0, 1) : made
}

/** A value of the type that the schema names: sensible, or at its edges. */
function typed(random: Random, type: string, edgy: boolean, like: readonly number[] | undefined): Value {
  if (type.endsWith('?')) return random() < 0.4 ? null : typed(random, type.slice(0, -1), edgy, like)
  const list = /^(.*)\[(\d*)\]$/.exec(type)
  if (list !== null) {
    const [, element, length] = list
    if (edgy && random() < 0.3) return []
    const count = length === '' || edgy ? Math.floor(random() * 5) : Number(length)
    return Array.from({ length: count }, () => typed(random, element!, edgy, like))
  }
  switch (type.replace(/\(.*\)/, '')) {
    case 'Tensor':
      return tensor(random, like)
    case 'int':
    case 'SymInt':
      if (edgy && random() < 0.4) return pick(random, huge)
      return edgy ? pick(random, [-2, -1, 0, 1, 63, 100]) : Math.floor(random() * 4)
    case 'float':
    case 'Scalar':
      return edgy ? pick(random, [...odd, ...huge, true, 3n]) : random() * 2
    case 'bool':
      return random() < 0.5
    case 'ScalarType':
      return pick(random, dtypes)
    case 'Device':
      return edgy ? pick(random, ['cpu', 'meta', 'cuda', 'cpu:3']) : 'cpu'
    case 'Layout':
      return edgy ? pick(random, ['strided', 'sparse_coo', 'sparse_csr', 'jagged']) : 'strided'
    case 'MemoryFormat':
      return pick(random, ['contiguous_format', 'preserve_format', 'channels_last', 'channels_last_3d'])
    default:
      return pick(random, words)
  }
}

/** A value of no type in particular. */
function wild(random: Random): Value {
  const makers: (() => Value)[] = [
    () => undefined,
    () => null,
    () => pick(random, [...odd, ...huge, 0, 1, 2]),
    () => random() < 0.5,
    () => pick(random, [0n, -1n, 2n ** 63n - 1n, 2n ** 80n]),
    () => pick(random, words),
    () => tensor(random, undefined),
    () => many(random, 3, () => tensor(random, undefined)),
    () => many(random, 3, () => pick(random, [0, 1, -1, 2 ** 31, Number.NaN])),
    () => many(random, 3, () => wild(random)),
    () => ({}),
    () => ({ dtype: 'float32', dim: 0, out: tensor(random, undefined) }),
    () => new Float32Array(3),
    () => Symbol('a'),
    () => () => 1,
    () => ({ re: 1, im: Number.NaN }),
    () => ({ handle: 12_345 }),
    () => freed(),
  ]
  return pick(random, makers)()
}

function freed(): Tensor {
  const gone = torch.ones([2])
  gone.free()
  return gone
}

/** `name(Tensor self, *, Scalar alpha=1) -> ...`: the types before and after the star. */
function parse(schema: string): { place: string[]; named: [string, string][] } {
  const list = schema.slice(schema.indexOf('(') + 1, schema.lastIndexOf(') ->'))
  const place: string[] = []
  const named: [string, string][] = []
  let afterStar = false
  for (const part of list.split(/, (?![^([]*[)\]])/)) {
    if (part === '*') afterStar = true
    const declared = /^(.+?) (\w+)(=.*)?$/.exec(part)
    if (declared === null) continue
    const [, type, name] = declared
    if (afterStar)
      named.push([name!.replace(/(?<=[^_])_+([a-z0-9])/g, (_, c: string) => c.toUpperCase()), type!])
    else place.push(type!)
  }
  return { place, named }
}

function argumentsFor(random: Random, schemas: readonly string[], calm: boolean): Value[] {
  const style = calm ? 1 : random()
  if (style < 0.25) return many(random, 5, () => wild(random))
  const edgy = style < 0.65
  const { place, named } = parse(pick(random, schemas))
  const like = random() < 0.7 ? pick(random, shapes) : undefined
  const given = place.map((type) => typed(random, type.replace(/\([a-z]!?\)/g, ''), edgy, like))
  const options = named
    .filter(([name, type]) => type !== 'Generator?' && (name.startsWith('out') || random() < 0.4))
    .map(([name, type]) => [name, typed(random, type.replace(/\([a-z]!?\)/g, ''), edgy, like)])
  return options.length > 0 ? [...given, Object.fromEntries(options)] : given
}

/** Gradients of what could be computed must be computable, or refused. */
function backward(result: Tensor, given: readonly Value[]): void {
  const leaves = given
    .flat()
    .filter((value): value is Tensor => value instanceof Tensor && value.requiresGrad)
  const gradients = grad(result, leaves, { gradOutputs: [torch.onesLike(result)], allowUnused: true })
  for (const gradient of gradients) if (gradient !== null && gradient.numel < 1000) String(gradient)
}

/** Writes before going on: a crash would lose what is buffered. The reader may be slower than this. */
function say(stream: 1 | 2, text: string): void {
  for (let written = false; !written; ) {
    try {
      writeSync(stream, text)
      written = true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

const [seed = '1', rounds = '1', names = ''] = process.argv.slice(2)
// An orthogonal polynomial of degree 2^40 is a legitimate wish that takes hours.
const slow = /Polynomial/
const functions = torch as unknown as Record<string, (...args: Value[]) => unknown>
const known = { thrown: 0, returned: 0 }
for (const name of names.split(',')) {
  for (let round = 0; round < Number(rounds); round++) {
    const at = Number(seed) + round
    say(1, `${name} ${at}\n`)
    const random = randomFrom(at * 7919 + name.length)
    scope(() => {
      const given = argumentsFor(random, schemasOf(functions[name]!), slow.test(name))
      try {
        const result = functions[name]!(...given)
        // Reading the result touches its memory.
        if (result instanceof Tensor && result.numel < 1000 && result.device === 'cpu') String(result)
        if (result instanceof Tensor && result.requiresGrad) backward(result, given)
        known.returned++
      } catch (error) {
        const { code } = error as { code?: string }
        if (!code?.startsWith('tensor_')) say(2, `${name} ${at}: ${(error as Error).stack}\n`)
        known.thrown++
      }
    })
  }
}
say(1, `end ${JSON.stringify(known)}\n`)
