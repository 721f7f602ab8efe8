/** Rules for copies. */

import type { CopyKind } from '../../summary/summary.ts'
import { type Advice, type Judged, percent, type Rule, unit, whole } from '../rule.ts'

export const copyRules: readonly Rule[] = [
  {
    name: 'layout-copies',
    judge: (judged) =>
      copies(judged, 'layout', 'layout-copies', {
        what: 'layout copies',
        cause:
          'A transposed, sliced or expanded tensor is copied to the layout that the next operator needs.',
        change:
          'Produce the tensor in the required layout (one product for queries, keys and values; channels_last for convolutions), or use an operator that accepts strides.',
      }),
  },
  {
    name: 'dtype-conversions',
    judge: (judged) =>
      copies(judged, 'conversion', 'dtype-conversions', {
        what: 'conversions between dtypes',
        cause: 'Tensors are converted to another precision, around fp32 operators or from master weights.',
        change:
          'Keep neighbouring operators in one precision, and convert weights once a step instead of in every pass (a larger batch.windows, a smaller batch.accumulate).',
      }),
  },
]

function copies(
  { summary, thresholds }: Judged,
  kind: CopyKind,
  rule: string,
  { what, cause, change }: { readonly what: string; readonly cause: string; readonly change: string },
): Advice | undefined {
  const { copies: found, totalMicros } = summary
  const micros = kind === 'layout' ? found.layoutMicros : found.conversionMicros
  const share = totalMicros > 0 ? micros / totalMicros : 0
  const places = found.places.filter((place) => place.kind === kind)
  if (share < thresholds[rule]! || places.length === 0) return undefined
  const modules = new Map<string, number>()
  for (const { module, micros: each } of places) modules.set(module, (modules.get(module) ?? 0) + each)
  const [name, most] = [...modules].reduce((one, other) => (other[1] > one[1] ? other : one))
  const where = name === '' ? '' : `, ${percent(most / micros)} of them in ${name}`
  const count = places.reduce((sum, place) => sum + place.count, 0) / Math.max(1, summary.steps.length)
  return {
    rule,
    share,
    sentence: `${percent(share)} of ${whole(summary)} is ${what}${where} (${Math.round(count).toLocaleString('en')} a ${unit(summary)}, most of them ${places[0]!.operator})`,
    cause,
    change,
  }
}
