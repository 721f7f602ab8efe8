/** Span colours, by kind of work. */

import { isAttention, isConvolution, isProduct } from '../advice/rule.ts'
import { nativeCategories } from '../categories.ts'
import type { Span } from '../trace.ts'

/** In the order of the legend. */
export const spanClasses = [
  'step',
  'phase',
  'module',
  'product',
  'attention',
  'copy',
  'autograd',
  'operator',
  'device',
  'wait',
  'request',
  'other',
] as const

export type SpanClass = (typeof spanClasses)[number]

export const classTitles: Readonly<Record<SpanClass, string>> = {
  step: 'step',
  phase: 'phase',
  module: 'part of the model',
  product: 'matrix product, convolution',
  attention: 'attention',
  copy: 'copy, conversion',
  autograd: 'autograd',
  operator: 'other compiled code',
  device: 'on a device',
  wait: 'waiting',
  request: 'request',
  other: 'other',
}

const byCategory: ReadonlyMap<string, SpanClass> = new Map(
  Object.entries<SpanClass>({
    step: 'step',
    phase: 'phase',
    module: 'module',
    kernel: 'device',
    memcpy: 'device',
    wait: 'wait',
    queue: 'wait',
    request: 'request',
    prefill: 'phase',
    decode: 'product',
    pass: 'step',
  }),
)

const isCopy = (name: string): boolean =>
  /^aten::(copy_|contiguous|clone|_to_copy|to|reshape|_reshape_copy)$/.test(name)

export function classOf({ name, category }: Pick<Span, 'name' | 'category'>): SpanClass {
  const known = byCategory.get(category)
  if (known) return known
  if (!nativeCategories.has(category)) return 'other'
  if (isProduct(name) || isConvolution(name) || name === 'aten::linear' || name === 'aten::matmul')
    return 'product'
  if (isAttention(name)) return 'attention'
  if (isCopy(name)) return 'copy'
  if (/^(autograd::engine|torch::autograd)|Backward\d*$/.test(name)) return 'autograd'
  return 'operator'
}
