/** Maps names of PyTorch and its profiler in a Chrome trace to this package's. */

import { memoryCategory, moduleCategory, phaseCategory, stepCategory, waitCategory } from '../categories.ts'
import { wordOf } from './raw-event.ts'

const categories: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cpu_op: 'operator',
    gpu_memcpy: 'memcpy',
    gpu_memset: 'memcpy',
    cuda_runtime: 'runtime',
    cuda_driver: 'runtime',
    gpu_user_annotation: 'device-range',
    python_function: 'python',
  }),
)

/** Categories given as a prefix before a colon. */
const spoken: ReadonlySet<string> = new Set([phaseCategory, moduleCategory, waitCategory, stepCategory])

/** Name and category of an event that has them so. */
export function translate(name: string, category: string): readonly [name: string, category: string] {
  if (category === 'cpu_instant_event' && name === '[memory]') return ['memory', memoryCategory]
  if (category === 'python_function' && name.startsWith('nn.Module: '))
    return [name.slice('nn.Module: '.length), moduleCategory]
  if (category !== 'user_annotation') return [withoutNamespaces(name), categories.get(category) ?? category]
  const step = /^ProfilerStep#(\d+)$/.exec(name)
  if (step) return [`step ${step[1]}`, stepCategory]
  const colon = name.indexOf(':')
  if (colon > 0 && spoken.has(name.slice(0, colon))) return [name.slice(colon + 1), name.slice(0, colon)]
  if (/^Optimizer\.(step|zero_grad)#/.test(name)) return ['optimizer', phaseCategory]
  if (name.startsWith('enumerate(DataLoader)#')) return ['data', phaseCategory]
  return [name, 'range']
}

/** `SwiGluBackward`: a node written in C++, in the manner of the others. */
const withoutNamespaces = (name: string): string =>
  name.replace(/torch::autograd::CppNode<(?:.*::)?([^:>]+)>$/, '$1Backward')

/** PyTorch's event fields read here: its name there, and here. */
const kept: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'Input Dims': 'shapes',
    'Input type': 'types',
    'Sequence number': 'sequence',
    'Fwd thread id': 'forwardThread',
    'External id': 'external',
    Bytes: 'bytes',
    Addr: 'address',
    'Total Allocated': 'total',
    'Device Type': 'device',
  }),
)

/** The marks of PyTorch's profiler about itself. */
export const isOfProfiler = ({ pid, cat, name }: Readonly<Record<string, unknown>>): boolean =>
  cat === 'Trace' || pid === 'Spans' || pid === 'Traces' || name === 'Record Window End'

/** Longer texts are cut, e.g. lists of a thousand tensors. */
const longestText = 400

export function translateArgs(args: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const found: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(args)) {
    const text = name === 'Input Dims' || name === 'Input type' ? listOf(value) : textOf(value)
    if (text !== undefined) found[kept.get(name) ?? name] = text
  }
  return found
}

/** Shapes of tensor arguments; other arguments have none. */
function listOf(value: unknown): string | number | undefined {
  if (!Array.isArray(value)) return textOf(value)
  const said = (value as unknown[]).flatMap((each) => {
    const isList = Array.isArray(each)
    if (isList ? each.length === 0 : each === '' || each === 'Scalar' || each === 'ScalarList') return []
    if (isList && Array.isArray(each[0])) return [`(${each.length} tensors)`]
    return [isList ? JSON.stringify(each) : typeof each === 'string' ? each : JSON.stringify(each)]
  })
  return said.length === 0 ? undefined : textOf(said.join(' '))
}

function textOf(value: unknown): string | number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  const text = value === undefined ? undefined : wordOf(value)
  return text !== undefined && text.length > longestText ? `${text.slice(0, longestText)}...` : text
}

/** Known events that are ignored. */
export const unused: ReadonlySet<string> = new Set([
  'Record function id',
  'Ev Idx',
  'Input Strides',
  'Concrete Inputs',
  'Total Reserved',
  'Device Id',
])
