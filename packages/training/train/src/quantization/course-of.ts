/** The quantisation course of a run, given or by default, and its changes. Decisions only. */

import { kindOf } from '../kinds/kind-of.ts'
import type { RunConfig } from '../run-config.ts'
import { type Course, changeAt } from './phases.ts'
import { quantizationOf } from './quantization-of.ts'

/** Undefined for a run that is not quantised. */
export function courseOf(run: RunConfig): Course | undefined {
  const options = quantizationOf(run)
  if (!options) return undefined
  const ofLayers = kindOf(run.model).quantizes === 'layers'
  return {
    ...options,
    precision: run.precision,
    totalSteps: run.schedule.totalSteps,
    isAdapted: run.adapter !== undefined,
    hasObservers: ofLayers,
    hasNorms: ofLayers,
  }
}

export interface CourseChange {
  /** The first step of it. */
  readonly step: number
  readonly message: string
}

/**
 * In order of steps; empty for a run that is not quantised.
 *
 * @internal
 */
export function courseChanges(run: RunConfig): readonly CourseChange[] {
  const course = courseOf(run)
  if (!course) return []
  const { fp32Steps, halfSteps, observeSteps, freezeObserversStep, freezeNormsStep, totalSteps } = course
  const first = fp32Steps + halfSteps
  const places = [0, fp32Steps, first - observeSteps, first, freezeObserversStep, freezeNormsStep]
  return [...new Set(places)]
    .filter((step) => step >= 0 && step < totalSteps)
    .sort((a, b) => a - b)
    .flatMap((step) => {
      const message = changeAt(course, step)
      return message === undefined ? [] : [{ step: step + 1, message }]
    })
}
