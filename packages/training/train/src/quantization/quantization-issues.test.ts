import type { ModelConfig } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { imageOptions, smallResNet } from '../../test/tiny-images.ts'
import { tinyOptions } from '../../test/tiny-run.ts'
import { towerOptions } from '../../test/tiny-towers.ts'
import { defineRun, type RunOptions } from '../run.ts'
import { quantizationOf } from './quantization-of.ts'
import type { RunQuantization } from './quantization-options.ts'

const issuesOf = (options: RunOptions): string => {
  try {
    defineRun(options)
    return ''
  } catch (thrown) {
    return (thrown as Error).message
  }
}

const decoder = (
  quantization: object,
  more: Partial<RunOptions<ModelConfig>> = {},
): RunOptions<ModelConfig> => ({ ...tinyOptions('nowhere'), quantization, ...more })

const image = (quantization: object): RunOptions => ({
  ...imageOptions('nowhere', smallResNet),
  quantization,
})

describe('what is wrong with the quantisation of a run', () => {
  it.each<[string, object, string]>([
    [
      'an unknown type',
      { weights: 'q3_k' },
      'quantization.weights is "q3_k"; it must be one of int8, int4, q8_0',
    ],
    [
      'groups of another size',
      { weights: 'int4', groupSize: 48 },
      'quantization.groupSize is 48; it must be one of 32, 64, 128',
    ],
    ['an unknown type of activations', { activations: 'int4' }, 'quantization.activations is "int4"'],
    ['an unknown observer', { observer: 'mean' }, 'quantization.observer is "mean"'],
    ['averaging that forgets nothing', { averaging: 1 }, 'quantization.averaging is 1; it must be above 0'],
    ['half a step', { fp32Steps: 1.5 }, 'quantization.fp32Steps is 1.5; it must be a whole number'],
    ['8 bits between', { half: 'fp8' }, 'quantization.half is "fp8"; it must be one of bf16, fp16'],
    ['no names', { skip: 'head' }, 'quantization.skip is "head"; it must be a list of names'],
    ['no step left', { fp32Steps: 20, halfSteps: 4 }, 'are 20 and 4 of 24 steps; some must be left'],
    ['a misspelt key', { fp32Step: 3 }, 'quantization.fp32Step is unknown; did you mean fp32Steps?'],
    [
      'what a file says itself',
      { skip: ['lm_head'] },
      'quantization.skip is ["lm_head"]; GGUF types determine',
    ],
  ])('names %s', (_, quantization, message) => {
    expect(issuesOf(decoder(quantization))).toContain(message)
  })

  it.each<[string, object, string]>([
    [
      'frozen before anything is seen',
      { fp32Steps: 5, halfSteps: 0, observeSteps: 0, freezeObserversStep: 5 },
      'quantization.freezeObserversStep is 5; observers see their first range in step 6',
    ],
    [
      'of weights alone, frozen before anything is seen',
      { activations: 'none', fp32Steps: 5, halfSteps: 0, observeSteps: 0, freezeObserversStep: 5 },
      'quantization.freezeObserversStep is 5; observers see their first range in step 6',
    ],
    [
      'observers before the run',
      { fp32Steps: 2, halfSteps: 0, observeSteps: 3 },
      'quantization.observeSteps is 3',
    ],
  ])('names what observers of images cannot do: %s', (_, quantization, message) => {
    expect(issuesOf(image(quantization))).toContain(message)
  })

  it.each<[RunOptions, string]>([
    [decoder({ groupSize: 64 }), 'groupSize is 64 but has no effect: groups are of int4; remove it'],
    [decoder({ observer: 'histogram' }), 'observer is "histogram" but has no effect: a language model'],
    [decoder({ averaging: 0.1 }), 'averaging is 0.1 but has no effect: a language model'],
    [decoder({ observeSteps: 1 }), 'observeSteps is 1 but has no effect: a language model has no observers'],
    [decoder({ freezeObserversStep: 20 }), 'freezeObserversStep is 20 but has no effect'],
    [decoder({ freezeNormsStep: 20 }), 'freezeNormsStep is 20 but has no effect: a language model has no'],
    [decoder({ half: 'fp16', halfSteps: 0 }), 'half is "fp16" but has no effect: halfSteps is 0'],
    [image({ groupSize: 64 }), 'groupSize is 64 but has no effect'],
    [image({ activations: 'none', observer: 'histogram' }), 'has no effect: activations are not rounded'],
    [image({ averaging: 0.1, observer: 'min-max' }), 'observer "min-max" does not average'],
  ])('names settings that would change nothing (%#)', (options, message) => {
    expect(issuesOf(options)).toContain(message)
    expect(issuesOf({ ...options, quantization: quantizationOf({ ...options, quantization: {} })! })).toBe('')
  })

  it('names what images are not trained for', () => {
    expect(issuesOf(image({ weights: 'q4_0' }))).toContain('quantization.weights is "q4_0"')
    expect(issuesOf(image({}))).toBe('')
  })

  it('names a model that is not quantised', () => {
    expect(issuesOf({ ...towerOptions('nowhere'), quantization: {} })).toMatch(
      /has 1 error\(s\):\n.*quantization does not support .*: remove it/,
    )
  })

  it('names adapters that cannot be rounded with weights', () => {
    expect(issuesOf(decoder({}, { adapter: { rank: 2, dropout: 0.1 } }))).toContain('adapter.dropout is 0.1')
    expect(issuesOf(decoder({ halfSteps: 3 }, { adapter: { rank: 2 } }))).toContain(
      'quantization.halfSteps is 3',
    )
    expect(issuesOf({ ...image({}), adapter: { rank: 2 } })).toContain('adapter.rank is 2; image models')
  })

  it('names what it does not go with', () => {
    const privacy = { epsilon: 3 }
    expect(issuesOf(decoder({}, { privacy }))).toContain('but the run is private')
    expect(issuesOf(decoder({}, { precision: 'fp8' }))).toContain('precision is "fp8"')
    expect(issuesOf(decoder({}, { precision: 'fp16' }))).toContain('quantization.half "fp16"')
    expect(issuesOf(decoder({}, { parallel: { data: 2 } }))).toContain(
      'parallel.data is 2; runs with quantization',
    )
    expect(issuesOf(decoder({}, { adapter: { quantization: 'nf4' } }))).toContain(
      'adapter.quantization "nf4"',
    )
    expect(issuesOf({ ...decoder({}), quantization: 'q4_0' as never })).toContain(
      'quantization is "q4_0"; it must be an object',
    )
  })
})

describe('what a run has that says nothing', () => {
  const of = (options: RunOptions): RunQuantization => quantizationOf(defineRun(options))!

  it('is a long course for a fresh model, and a short one for weights', () => {
    const { fp32Steps, halfSteps, observeSteps, freezeObserversStep } = of(image({}))
    expect([fp32Steps, halfSteps, observeSteps, freezeObserversStep]).toEqual([9, 4, 2, 22])
  })

  it('goes by the kind of model', () => {
    expect(of(image({}))).toMatchObject({ weights: 'int8', activations: 'int8', observer: 'moving-average' })
    expect(of(decoder({}))).toMatchObject({ weights: 'q8_0', activations: 'none' })
    expect(quantizationOf(defineRun(tinyOptions('nowhere')))).toBeUndefined()
  })

  it('decides the fingerprint as if it were said', () => {
    const fingerprint = (quantization: object): string => defineRun(decoder(quantization)).fingerprint
    const usual = of(decoder({}))
    expect(fingerprint({})).toBe(fingerprint(usual))
    expect(fingerprint({})).not.toBe(fingerprint({ fp32Steps: usual.fp32Steps + 1 }))
    expect(fingerprint({})).not.toBe(defineRun(tinyOptions('nowhere')).fingerprint)
  })
})
