/**
 * Schedule of a quantised run as a function of its step: fp32, then 16 bits, then fake-quantised; observers start before that and
 * stop late. Decisions only: a run resumed at any step is in the same phase.
 */

import type { Precision } from '@hadal/nn'
import type { RunQuantization } from './quantization-options.ts'

export interface Phase {
  readonly compute: Precision
  readonly isQuantizing: boolean
  readonly isObserving: boolean
  readonly areNormsFrozen: boolean
}

export interface Course extends RunQuantization {
  /** Precision of quantised steps. */
  readonly precision: Precision
  readonly totalSteps: number
  /** The precision of frozen weights never changes. */
  readonly isAdapted: boolean
  /** Ranges are observed, of weights and of activations. */
  readonly hasObservers: boolean
  /** There may be batch norms to freeze. */
  readonly hasNorms: boolean
}

export const firstQuantized = ({ fp32Steps, halfSteps }: RunQuantization): number => fp32Steps + halfSteps

/** The phase after `step` steps. */
export function phaseAt(course: Course, step: number): Phase {
  const { fp32Steps, half, precision, observeSteps, freezeObserversStep, freezeNormsStep } = course
  const first = firstQuantized(course)
  const isQuantizing = step >= first
  return {
    compute: isQuantizing || course.isAdapted ? precision : step < fp32Steps ? 'fp32' : half,
    isQuantizing,
    isObserving: course.hasObservers && step >= first - observeSteps && step < freezeObserversStep,
    areNormsFrozen: course.hasNorms && step >= freezeNormsStep,
  }
}

/** The change in effect after `step` steps, in words; undefined if there is none. */
export function changeAt(course: Course, step: number): string | undefined {
  const now = phaseAt(course, step)
  const before = step === 0 ? undefined : phaseAt(course, step - 1)
  const reported: string[] = []
  if (now.isQuantizing !== before?.isQuantizing || now.compute !== before.compute)
    reported.push(now.isQuantizing ? quantized(course) : `computes in ${now.compute}`)
  if (now.isObserving !== (before?.isObserving ?? false))
    reported.push(now.isObserving ? 'ranges are observed' : 'ranges are frozen')
  if (now.areNormsFrozen !== (before?.areNormsFrozen ?? false))
    reported.push('batch norms keep their running statistics')
  return reported.length === 0 ? undefined : reported.join('; ')
}

function quantized({ weights, groupSize, activations, precision }: Course): string {
  const type = weights === 'int4' ? `int4 in groups of ${groupSize}` : weights
  const read = activations === 'none' ? '' : ` and activations ${activations}`
  return `weights are ${type}${read}, computed in ${precision}`
}
