/** The phase and module of each span, also if they are only known through the backward pass. */

import { moduleCategory, nativeCategories, phaseCategory } from '../categories.ts'
import type { Nested } from '../nest.ts'
import type { Trace } from '../trace.ts'

export interface Places {
  /** Indices of spans, or -1. */
  readonly phases: Int32Array
  /** Modules by name, the innermost one; '' for none. */
  moduleOf(index: number): string
  /** Whether the module is known by its forward pass alone: the span is part of its backward pass. */
  readonly goesBack: Uint8Array
}

/**
 * A span belongs to its enclosing module. Backward spans are matched by libtorch's sequence number of the forward operator; kernels
 * by the operator that launched them.
 */
export function placesOf({ spans }: Trace, { parents }: Nested): Places {
  const phases = new Int32Array(spans.length).fill(-1)
  const modules = new Int32Array(spans.length).fill(-1)
  const goesBack = new Uint8Array(spans.length)
  const forward = new Map<string, number>()
  const started = new Map<string | number, number>()
  for (let index = 0; index < spans.length; index += 1) {
    const { category, args, lane } = spans[index]!
    const parent = parents[index]!
    const inherited = parent < 0 ? -1 : modules[parent]!
    phases[index] = category === phaseCategory ? index : parent < 0 ? -1 : phases[parent]!
    modules[index] = category === moduleCategory ? index : inherited
    if (parent >= 0 && goesBack[parent] === 1 && category !== moduleCategory) goesBack[index] = 1
    if (args === undefined || !nativeCategories.has(category)) continue
    const { sequence, forwardThread = 0, external } = args
    if (category === 'kernel' && external !== undefined) {
      const origin = started.get(external)
      if (origin === undefined) continue
      phases[index] = phases[origin]!
      modules[index] = modules[origin]!
      goesBack[index] = goesBack[origin]!
      continue
    }
    if (external !== undefined) started.set(external, index)
    if (sequence === undefined || Number(sequence) < 0) continue
    // Threads that go forward say 0; those that go back say which went forward, which is one in a trainer.
    if (Number(forwardThread) === 0 && !isBackward(spans[index]!.name)) {
      forward.set(String(sequence), index)
    } else if (inherited < 0 || goesBack[index] === 1) {
      const origin = forward.get(String(sequence))
      if (origin !== undefined && lane !== '') {
        modules[index] = modules[origin]!
        goesBack[index] = 1
      }
    }
  }
  return {
    phases,
    goesBack,
    moduleOf: (index) => (modules[index]! < 0 ? '' : spans[modules[index]!]!.name),
  }
}

const isBackward = (name: string): boolean =>
  name.startsWith('autograd::engine::evaluate_function') ||
  /Backward\d*$/.test(name) ||
  name.includes('CppNode<')

/** Layers of one kind are one: numbers between dots become `*`. */
export const familyOf = (module: string): string => module.replace(/(^|\.)\d+(?=\.|$)/g, '$1*')
