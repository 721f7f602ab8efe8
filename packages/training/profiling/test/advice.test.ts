import {
  type Advice,
  advice,
  adviceRules,
  adviceThresholds,
  type Facts,
  type Span,
  summarizeTrace,
  traceOf,
} from '@hadal/profiling'
import { describe, expect, it } from 'vitest'
import { span } from './drawn-traces.ts'

/** A step of 1000 micros with these in it. */
const step = (...inside: readonly Span[]): Span[] => [span('step', 'step 1', 0, 1000), ...inside]
/** The rest of the time of it: products, so that nothing else is said. */
const product = (from: number, to = 1000): Span => span('operator', 'aten::mm', from, to - from)

const said = (spans: readonly Span[], facts?: Facts): readonly Advice[] =>
  advice(summarizeTrace(traceOf(spans)), facts)

/** One that has it, and one of the same kind that is just not enough. */
interface Case {
  readonly spans: readonly Span[]
  readonly below: readonly Span[]
  readonly facts?: Facts
  readonly belowFacts?: Facts
  readonly sentence: string | RegExp
}

const copyAt = (length: number, name = 'aten::contiguous'): Span[] =>
  step(span('module', 'layers.2.attention', 0, 1000), span('operator', name, 0, length), product(length))
const waitAt = (name: string, length: number): Span[] => step(span('wait', name, 0, length), product(length))
const operatorAt = (name: string, length: number, args?: Span['args']): Span[] =>
  step(span('operator', name, 0, length, args), product(length))
const phaseAt = (name: string, length: number): Span[] =>
  step(span('phase', name, 0, length), product(0, length), product(length))
const held = (owner: 'activations' | 'optimizer', share: number): Facts => ({
  memory: {
    peakBytes: 1024 ** 2,
    weights: 0,
    gradients: 0,
    optimizer: 0,
    average: 0,
    activations: 0,
    [owner]: share * 1024 ** 2,
  },
})
const many = (count: number, length: number): Span[] => [
  ...step(),
  ...Array.from({ length: count }, (_, i) => span('operator', 'aten::add', i * length, length)),
  product(count * length),
]
const threeSteps = (last: number): Span[] =>
  [0, 100, 200].flatMap((at, i) => {
    const length = i === 2 ? last : 100
    return [
      span('step', `step ${i + 1}`, at, length),
      span('phase', 'backward', at, length),
      product(at, at + length),
    ]
  })

const cases: Readonly<Record<string, Case>> = {
  'layout-copies': {
    spans: copyAt(370),
    below: copyAt(70),
    sentence:
      '37 % of the step is layout copies, 100 % of them in layers.*.attention (1 a step, most of them aten::contiguous)',
  },
  'dtype-conversions': {
    spans: copyAt(90, 'aten::_to_copy'),
    below: copyAt(70, 'aten::_to_copy'),
    sentence:
      '9 % of the step is conversions between dtypes, 100 % of them in layers.*.attention (1 a step, most of them aten::_to_copy)',
  },
  'outside-native': {
    spans: step(span('phase', 'forward', 0, 1000), product(200)),
    below: step(span('phase', 'forward', 0, 1000), product(140)),
    sentence:
      '20 % of the step runs outside compiled code, 100 % of that in forward: 1 gaps a step of 200 µs on average',
  },
  'small-operators': {
    spans: many(40, 5),
    below: many(40, 3),
    sentence: '20 % of the step goes to 40 operator calls shorter than 10 µs, most of it to aten::add',
  },
  'data-waiting': {
    spans: waitAt('data', 120),
    below: waitAt('data', 40),
    sentence: '12 % of the step waits for data',
  },
  'other-waiting': {
    spans: waitAt('ranks', 120),
    below: waitAt('ranks', 90),
    sentence: '12 % of the step waits for ranks',
  },
  synchronizing: {
    spans: operatorAt('aten::item', 60),
    below: operatorAt('aten::item', 40),
    sentence: '6 % of the step waits for values read back from tensors (item, synchronize)',
  },
  'device-idle': {
    spans: [...step(product(0)), span('kernel', 'gemm', 0, 700, undefined, 'stream')],
    below: [...step(product(0)), span('kernel', 'gemm', 0, 900, undefined, 'stream')],
    sentence: 'the device is idle for 30 % of the step',
  },
  optimizer: {
    spans: phaseAt('optimizer', 250),
    below: phaseAt('optimizer', 190),
    sentence: '25 % of the step is the optimizer',
  },
  'optimizer-unfused': {
    spans: operatorAt('aten::_foreach_mul_', 100),
    below: operatorAt('aten::_foreach_mul_', 70),
    sentence: '10 % of the step is separate operators over lists of weights',
  },
  loss: {
    spans: step(span('module', 'loss', 0, 300), product(0, 300), product(300)),
    below: step(span('module', 'loss', 0, 200), product(0, 200), product(200)),
    sentence: '30 % of the step is the loss and the head before it',
  },
  recomputing: {
    spans: step(span('range', 'recompute', 0, 200), product(0, 200), product(200)),
    below: step(span('range', 'recompute', 0, 110), product(0, 110), product(110)),
    sentence: '20 % of the step recomputes layers in the backward pass',
  },
  collectives: {
    spans: operatorAt('c10d::allreduce_', 150),
    below: operatorAt('c10d::allreduce_', 90),
    sentence: '15 % of the step sends tensors between ranks',
  },
  'pauses-of-training': {
    spans: phaseAt('evaluation', 200),
    below: phaseAt('evaluation', 140),
    sentence: '20 % of the step is not training, most of it evaluation',
  },
  'uneven-steps': {
    spans: threeSteps(180),
    below: threeSteps(130),
    sentence: 'step 3 took 1.8 times as long as the median step, most of it more in backward',
  },
  'attention-composed': {
    spans: operatorAt('aten::_softmax', 100, { shapes: '[2,4,64,64]' }),
    below: operatorAt('aten::_softmax', 100, { shapes: '[2,4,64,50]' }),
    sentence: '10 % of the step is softmax of unfused attention',
  },
  'attention-sixteen-bits': {
    spans: operatorAt('aten::_scaled_dot_product_flash_attention_for_cpu', 300, { types: 'c10::BFloat16' }),
    below: operatorAt('aten::_scaled_dot_product_flash_attention_for_cpu', 300, { types: 'float' }),
    sentence: '30 % of the step is attention in 16 bits on the CPU',
  },
  filling: {
    spans: operatorAt('aten::fill_', 60),
    below: operatorAt('aten::fill_', 40),
    sentence: '6 % of the step fills tensors with a constant',
  },
  'low-utilization': {
    spans: operatorAt('aten::exp', 800),
    below: operatorAt('aten::exp', 800),
    facts: { utilization: 0.1 },
    belowFacts: { utilization: 0.3 },
    sentence:
      'the model runs at 10 % of the throughput of a large matrix product on this machine; products, attention and convolutions take 20 % of the step',
  },
  'mostly-products': {
    spans: step(product(0)),
    below: operatorAt('aten::exp', 500),
    sentence: '100 % of the step is matrix products, attention and convolutions',
  },
  activations: {
    spans: step(product(0)),
    below: step(product(0)),
    facts: held('activations', 0.75),
    belowFacts: held('activations', 0.5),
    sentence: '75 % of the 1.0 MiB peak memory is activations',
  },
  'optimizer-memory': {
    spans: step(product(0)),
    below: step(product(0)),
    facts: held('optimizer', 0.5),
    belowFacts: held('optimizer', 0.3),
    sentence: '50 % of the 1.0 MiB peak memory is optimizer state',
  },
}

describe('advice', () => {
  it('has a case and a threshold for every rule', () => {
    expect(Object.keys(cases).sort()).toEqual(adviceRules.map(({ name }) => name).sort())
    for (const { name } of adviceRules) expect(adviceThresholds).toHaveProperty(name)
  })

  it.each(Object.entries(cases))('%s', (rule, { spans, below, facts, belowFacts, sentence }) => {
    const found = said(spans, facts).find((each) => each.rule === rule)
    expect(found?.sentence).toBe(sentence)
    expect(found!.cause).toMatch(/^[A-Z].*\.$/)
    expect(found!.change).toMatch(/^[A-Z].*\.$/)
    expect(said(below, belowFacts).map((each) => each.rule)).not.toContain(rule)
  })

  it('says what matters most first, memory after time, and that all is well last', () => {
    const spans = step(
      span('operator', 'aten::contiguous', 0, 100),
      span('wait', 'data', 100, 200),
      product(300),
    )
    expect(said(spans, held('activations', 0.9)).map(({ rule }) => rule)).toEqual([
      'data-waiting',
      'layout-copies',
      'activations',
      'mostly-products',
    ])
  })

  it('goes by the thresholds it is given, and has no fields of nothing', () => {
    const summary = summarizeTrace(traceOf(copyAt(100)))
    const quiet = Object.fromEntries(Object.keys(adviceThresholds).map((name) => [name, 2]))
    expect(advice(summary, {}, quiet)).toEqual([])
    expect(advice(summarizeTrace({ spans: [], durationMicros: 0 }))).toEqual([])
  })
})
