/** Issues possible in a recipe without a type check: of shape, keys and values. Each was once a raw error or went unnoticed. */

import { isHadalError } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { oneLayer as options, windows } from '../test/one-layer.ts'
import { defineRun, type RunOptions } from './run.ts'

const texts = {
  length: 4,
  inputs: Int32Array.of(1, 2, 3, 0, 4, 5, 0, 0),
  sizes: Int32Array.of(3, 2),
  labels: Int32Array.of(0, 1),
}
const startFrom = new Map([['w', { shape: [1], values: Float32Array.of(1) }]])

/** For a run with `change`, which may violate its type. */
function issuesOf(change: object): string {
  try {
    defineRun({ ...options, ...change } as RunOptions)
  } catch (error) {
    if (isHadalError(error)) return error.message
    throw error
  }
  return 'none'
}

const train = (data: object): object => ({ data: { train: { ...windows, ...data }, valid: windows } })
const both = (data: object): object => ({ data: { train: data, valid: data } })
const pairs = (chosen: object, rejected: object): object => ({
  ...both({ chosen: { ...windows, ...chosen }, rejected: { ...windows, ...rejected } }),
  objective: { kind: 'reward' },
})
const classes = (objective: object, data: object = {}): object => ({
  ...both({ ...texts, ...data }),
  objective: { kind: 'classes', classes: 2, ...objective },
})
const samples = (change: object): object => ({
  evaluate: {
    everySteps: 2,
    samples: { prompts: [[1]], maxTokens: 2, stop: [0], decode: String, ...change },
  },
})

describe('a run of the right shape', () => {
  it.each([
    ['windows', {}],
    ['pairs', pairs({}, {})],
    ['texts', classes({ classWeights: [0, 1] })],
    ['samples', samples({ prompts: [[1, 2], Int32Array.of(3)] })],
    ['adapters', { startFrom, adapter: {}, average: { warmup: false } }],
  ])('has no issues: %s', (_, change) => {
    expect(issuesOf(change)).toBe('none')
  })
})

describe('a shape issue is named, not thrown from within', () => {
  it.each([
    [{ data: { train: windows } }, 'data.valid is missing'],
    [{ data: { train: 'a.jsonl', valid: null } }, 'data.train must be data, got "a.jsonl"'],
    [{ data: { train: 'a.jsonl', valid: null } }, 'data.valid must be data, got null'],
    [
      both({ text: 'x' }),
      'data.train has text; it must be windows, a stream, pairs, labelled texts, labelled images or images with captions',
    ],
    [both({ chosen: windows }), 'data.train rejected is missing'],
    [train({ inputs: [1, 2, 3, 4, 5, 6, 7, 8] }), 'data.train inputs is not an Int32Array'],
    [train({ length: '4' }), 'data.train length is 4; it must be a whole number'],
    [{ data: { train: { open: true, length: 4 }, valid: windows } }, 'data.train open must be a function'],
    [{ data: { train: { open: true, length: 4 }, valid: windows } }, 'data.train fingerprint is undefined'],
    [{ objective: { kind: 'sft' } }, 'objective.kind is "sft"; it must be one of tokens, dpo, ipo'],
    [{ objective: { kind: 'token' } }, 'did you mean tokens?'],
    [{ objective: {} }, 'objective.kind is undefined'],
    [{ startFrom: {} }, 'startFrom must be a Map'],
    [{ startFrom: new Map() }, 'startFrom is empty'],
    [{ startFrom: new Map([['w', [1, 2]]]) }, 'startFrom w must be a tensor'],
    [
      { startFrom: new Map([['w', { shape: [3], values: Float32Array.of(1) }]]) },
      'startFrom w has 1 values; its shape [3] has 3',
    ],
    [{ adapter: 8, startFrom }, 'adapter is 8; it must be an object'],
    [{ adapter: { targets: 'q_proj' }, startFrom }, 'adapter.targets must be a list'],
    [{ name: undefined }, 'name is undefined'],
    [{ folder: undefined }, 'folder is undefined'],
    [{ evaluate: { everySteps: 2, samples: 'x' } }, 'evaluate.samples is "x"'],
  ])('%j', (change, wanted) => {
    expect(issuesOf(change)).toContain(wanted)
  })
})

describe('an unknown key is named, with the nearest known one', () => {
  it.each([
    [{ adapter: { r: 8 }, startFrom }, 'adapter.r is unknown'],
    [{ adapter: { rnak: 8 }, startFrom }, 'adapter.rnak is unknown; did you mean rank?'],
    [{ average: { dacay: 0.9 } }, 'average.dacay is unknown; did you mean decay?'],
    [{ objective: { kind: 'tokens', zloss: 1 } }, 'objective.zloss is unknown; did you mean zLoss?'],
    [{ ...pairs({}, {}), objective: { kind: 'reward', beta: 1 } }, 'objective.beta is unknown'],
    [samples({ maxtoken: 1 }), 'evaluate.samples.maxtoken is unknown; did you mean maxTokens?'],
    [{ guard: { maxnorm: 2, foo: 1 } }, 'guard.maxnorm is unknown; did you mean maxNorm?'],
  ])('%j', (change, wanted) => {
    expect(issuesOf(change)).toContain(wanted)
  })
})

describe('samples that would end a run at its first evaluation are issues', () => {
  it.each([
    [{ prompts: [[1], []] }, 'prompts[1] is empty'],
    [{ prompts: ['hello'] }, 'prompts[0] is not a list of token ids'],
    [{ prompts: 'hello' }, 'prompts must be a list'],
    [{ prompts: [[1, 16]] }, 'prompts[0] has 16; a token is a whole number from 0 to below 16'],
    [{ prompts: [[-1]] }, 'prompts[0] has -1'],
    [{ prompts: [[1.5]] }, 'prompts[0] has 1.5'],
    [{ maxTokens: 0 }, 'maxTokens is 0'],
    [{ stop: undefined }, 'stop must be a list'],
    [{ stop: [99] }, 'stop has 99'],
    [{ decode: undefined }, 'decode must be a function'],
  ])('%j', (change, wanted) => {
    expect(issuesOf(samples(change))).toContain(`evaluate.samples.${wanted}`)
  })
})

describe('inconsistent data is an issue', () => {
  it.each([
    [train({ count: 3 }), 'data.train inputs has 8 numbers; 3 windows of 4 have 12'],
    [train({ segments: new Int32Array(7) }), 'data.train segments has 7 numbers; 2 windows of 4 have 8'],
    [train({ inputs: new Int32Array(8).fill(-1) }), 'data.train smallest token is -1'],
    [
      train({ targets: new Int32Array(8).fill(16) }),
      'data.train target 0 is 16; it must be a token below 16',
    ],
    [train({ targets: Int32Array.of(1, -100, -1, 1, 1, 1, 1, 1) }), 'data.train target 2 is -1'],
    [pairs({}, { length: 2, count: 4 }), 'chosen answers of 4 tokens and rejected ones of 2'],
    [classes({ classWeights: [-1, 1] }), 'objective.classWeights has -1'],
    [classes({ classWeights: [Number.NaN, 1] }), 'objective.classWeights has NaN'],
    [classes({ classWeights: [0, 0] }), 'objective.classWeights are all 0'],
    [classes({ classWeights: 2 }), 'objective.classWeights is 2'],
    [
      classes({ classWeights: [0, 1] }, { labels: Int32Array.of(0, 0) }),
      'data.valid has only texts of classes whose weight is 0',
    ],
    [classes({}, { inputs: new Int32Array(8).fill(-3) }), 'data.train smallest token is -3'],
    [{ objective: { kind: 'tokens', zLoss: Infinity } }, 'objective.zLoss is Infinity'],
    [
      { ...pairs({}, {}), startFrom, objective: { kind: 'dpo', beta: Infinity } },
      'objective.beta is Infinity',
    ],
  ])('%j', (change, wanted) => {
    expect(issuesOf(change)).toContain(wanted)
  })
})
