/** Time of each part of a model, forward and backward, and of copies. */

import { nativeCategories } from '../categories.ts'
import type { Nested } from '../nest.ts'
import type { Span, Trace } from '../trace.ts'
import type { Counted } from './counted.ts'
import { operatorName } from './operators.ts'
import { shareOf } from './phases.ts'
import { familyOf, type Places } from './places.ts'
import type { CopyKind, CopySummary, ModuleSummary } from './summary.ts'

export function modulesOf(
  { spans }: Trace,
  { selfMicros }: Nested,
  counted: Counted,
  places: Places,
): ModuleSummary[] {
  const found = new Map<string, { forward: number; backward: number; operators: Map<string, number> }>()
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index]!
    const module = places.moduleOf(index)
    if (module === '' || !nativeCategories.has(span.category) || !counted.isCounted(index)) continue
    const name = familyOf(module)
    const times = found.get(name) ?? { forward: 0, backward: 0, operators: new Map() }
    found.set(name, times)
    const micros = selfMicros[index]!
    const phase = places.phases[index]!
    const isBack = places.goesBack[index] === 1 || (phase >= 0 && spans[phase]!.name === 'backward')
    if (isBack) times.backward += micros
    else times.forward += micros
    const operator = operatorName(span.name)
    times.operators.set(operator, (times.operators.get(operator) ?? 0) + micros)
  }
  return [...found]
    .map(([name, { forward, backward, operators }]) => ({
      name,
      forwardMicros: forward,
      backwardMicros: backward,
      share: shareOf(forward + backward, counted.totalMicros),
      most: [...operators].reduce((one, other) => (other[1] > one[1] ? other : one))[0],
    }))
    .sort((one, other) => other.share - one.share)
}

const copying: ReadonlySet<string> = new Set([
  'aten::copy_',
  'aten::contiguous',
  'aten::clone',
  'aten::_to_copy',
])

/** Each copy is counted once, as the outermost operator that is one. */
export function copiesOf(
  { spans }: Trace,
  { parents }: Nested,
  counted: Counted,
  places: Places,
): CopySummary {
  const isCopy = new Uint8Array(spans.length)
  const entries = new Map<
    string,
    { -readonly [K in keyof CopySummary['places'][number]]: CopySummary['places'][number][K] }
  >()
  let count = 0
  const micros = { layout: 0, conversion: 0 }
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index]!
    const parent = parents[index]!
    if (parent >= 0 && isCopy[parent] === 1) {
      isCopy[index] = 1
      continue
    }
    if (!copying.has(span.name) || !nativeCategories.has(span.category)) continue
    isCopy[index] = 1
    if (!counted.isCounted(index)) continue
    const kind = kindOf(span)
    const phase = places.phases[index]!
    const module = familyOf(places.moduleOf(index)) || (phase < 0 ? '' : spans[phase]!.name)
    const key = `${kind} ${module} ${span.name}`
    const entry = entries.get(key) ?? { kind, module, operator: span.name, micros: 0, count: 0 }
    entries.set(key, entry)
    entry.micros += span.durationMicros
    entry.count += 1
    micros[kind] += span.durationMicros
    count += 1
  }
  return {
    layoutMicros: micros.layout,
    conversionMicros: micros.conversion,
    count,
    places: [...entries.values()].sort((one, other) => other.micros - one.micros),
  }
}

/** A conversion changes the dtype of its input; a copy counts as one only when both dtypes are known and differ. */
function kindOf({ name, args }: Span): CopyKind {
  if (name === 'aten::_to_copy') return 'conversion'
  const [to, from] = String(args?.types ?? '').split(' ')
  return name === 'aten::copy_' && to !== undefined && from !== undefined && to !== from
    ? 'conversion'
    : 'layout'
}

/** Recomputation time in the backward pass, by its named ranges. */
export function recomputedMicrosOf({ spans }: Trace, counted: Counted): number {
  let micros = 0
  for (let index = 0; index < spans.length; index += 1) {
    const { category, name, durationMicros } = spans[index]!
    if (category === 'range' && name === 'recompute' && counted.isCounted(index)) micros += durationMicros
  }
  return micros
}
