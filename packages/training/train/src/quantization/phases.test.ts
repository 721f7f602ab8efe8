import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Course, changeAt, phaseAt } from './phases.ts'

const course = (more: Partial<Course> = {}): Course => ({
  weights: 'int8',
  groupSize: 32,
  activations: 'int8',
  observer: 'moving-average',
  averaging: 0.01,
  half: 'bf16',
  fp32Steps: 4,
  halfSteps: 2,
  observeSteps: 1,
  freezeObserversStep: 9,
  freezeNormsStep: 8,
  skip: [],
  precision: 'fp32',
  totalSteps: 10,
  isAdapted: false,
  hasObservers: true,
  hasNorms: true,
  ...more,
})

describe('the course of a run', () => {
  it('goes from fp32 over 16 bits to the grid, and freezes late', () => {
    const phases = Array.from({ length: 10 }, (_, step) => phaseAt(course(), step))
    expect(phases.map(({ compute }) => compute)).toEqual([
      ...['fp32', 'fp32', 'fp32', 'fp32', 'bf16', 'bf16'],
      ...['fp32', 'fp32', 'fp32', 'fp32'],
    ])
    const stepsOf = (is: (phase: (typeof phases)[number]) => boolean): number[] =>
      phases.flatMap((phase, step) => (is(phase) ? [step] : []))
    expect(stepsOf(({ isQuantizing }) => isQuantizing)).toEqual([6, 7, 8, 9])
    expect(stepsOf(({ isObserving }) => isObserving)).toEqual([5, 6, 7, 8])
    expect(stepsOf(({ areNormsFrozen }) => areNormsFrozen)).toEqual([8, 9])
  })

  it('computes in the run’s precision with frozen weights and in quantized steps', () => {
    expect(phaseAt(course({ isAdapted: true, precision: 'bf16' }), 0).compute).toBe('bf16')
    expect(phaseAt(course({ precision: 'bf16' }), 6).compute).toBe('bf16')
    expect(phaseAt(course({ half: 'fp16' }), 4).compute).toBe('fp16')
  })

  it('says of a decoder nothing of observers and norms', () => {
    const decoder = course({
      weights: 'int4',
      groupSize: 64,
      activations: 'none',
      hasObservers: false,
      hasNorms: false,
    })
    const reported = Array.from({ length: 10 }, (_, step) => changeAt(decoder, step))
    expect(reported.filter((message) => message !== undefined)).toEqual([
      'computes in fp32',
      'computes in bf16',
      'weights are int4 in groups of 64, computed in fp32',
    ])
  })

  it('reports every change once, for any settings', () => {
    const steps = fc.nat({ max: 12 })
    fc.assert(
      fc.property(
        steps,
        steps,
        steps,
        steps,
        steps,
        (fp32Steps, halfSteps, observeSteps, observers, norms) => {
          const any = course({
            ...{ fp32Steps, halfSteps, observeSteps },
            ...{ freezeObserversStep: observers, freezeNormsStep: norms },
          })
          for (let step = 1; step < 30; step += 1) {
            const same = JSON.stringify(phaseAt(any, step)) === JSON.stringify(phaseAt(any, step - 1))
            expect(changeAt(any, step) === undefined).toBe(same)
          }
          // The grid, once reached, is not left.
          const first = fp32Steps + halfSteps
          for (let step = 0; step < 30; step += 1) expect(phaseAt(any, step).isQuantizing).toBe(step >= first)
        },
      ),
    )
  })
})
