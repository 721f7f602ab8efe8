/** Traces drawn at random, whose spans nest; and small ones written down. */

import { type Span, type Trace, traceOf } from '@hadal/profiling'
import fc from 'fast-check'

interface Tree {
  readonly name: string
  readonly category: string
  /** Before it and after the last inside it, in micros. */
  readonly before: number
  readonly own: number
  readonly children: readonly Tree[]
}

const categories = ['operator', 'kernel', 'step', 'phase', 'module', 'wait', 'range', 'javascript']

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: fc.constantFrom('aten::mm', 'aten::copy_', 'forward', 'layers.1.mlp', 'x "<>&'),
    category: fc.constantFrom(...categories),
    before: fc.nat({ max: 50 }),
    own: fc.nat({ max: 200 }),
    children: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'tree' },
      fc.constant([]),
      fc.array(tie('tree'), { maxLength: 4 }),
    ),
  }),
})).tree

/** Trace of up to three lanes; `lengths` are the total durations of the outermost spans of each. */
export interface Drawn {
  readonly trace: Trace
  readonly lengths: ReadonlyMap<string, number>
}

export const drawnTrace: fc.Arbitrary<Drawn> = fc
  .array(fc.array(tree, { maxLength: 5 }), { minLength: 1, maxLength: 3 })
  .map((lanes) => {
    const spans: Span[] = []
    const lengths = new Map<string, number>()
    lanes.forEach((roots, lane) => {
      let at = 0
      let length = 0
      for (const root of roots) {
        const start = at + root.before
        at = place(root, start, `lane ${lane}`, spans)
        length += at - start
      }
      if (roots.length > 0) lengths.set(`lane ${lane}`, length)
    })
    return { trace: traceOf(spans), lengths }
  })

/** Returns where it ends. */
function place({ name, category, own, children }: Tree, start: number, lane: string, into: Span[]): number {
  let end = start
  const index = into.length
  into.push({ name, category, lane, startMicros: start, durationMicros: 0 })
  for (const child of children) end = place(child, end + child.before, lane, into)
  end += own
  into[index] = { ...into[index]!, durationMicros: end - start }
  return end
}

/** One span on one lane. */
export const span = (
  category: string,
  name: string,
  startMicros: number,
  durationMicros: number,
  args?: Span['args'],
  lane = 'main',
): Span => ({ name, category, startMicros, durationMicros, lane, ...(args && { args }) })
