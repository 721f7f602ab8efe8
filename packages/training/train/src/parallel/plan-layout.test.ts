import { type DecoderConfig, modelParameterCount } from '@hadal/nn'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceBytes, type LayoutQuestion, type Parts, planLayout } from './plan-layout.ts'

const gib = 2 ** 30

const llama = (change: Partial<DecoderConfig>): DecoderConfig => ({
  vocab_size: 128_256,
  hidden_size: 4096,
  intermediate_size: 14_336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  rope_theta: 500_000,
  tie_word_embeddings: false,
  ...change,
})
const small = llama({})
const large = llama({
  hidden_size: 8192,
  intermediate_size: 28_672,
  num_hidden_layers: 80,
  num_attention_heads: 64,
})

/** bf16 with fp32 masters and AdamW: six bytes, four, eight, and activations of a GiB for each row. */
const question = (model: DecoderConfig, change: Partial<LayoutQuestion> = {}): LayoutQuestion => {
  const parameters = modelParameterCount(model).total
  return {
    model,
    parameters,
    trainedParameters: parameters,
    precision: 'bf16',
    bytes: {
      weights: 6 * parameters,
      gradients: 4 * parameters,
      optimizer: 8 * parameters,
      average: 0,
      activations: 8 * gib,
    },
    rows: 8,
    devices: 8,
    memoryBytes: 80 * gib,
    ...change,
  }
}

describe('a layout', () => {
  it.each([
    ['of what fits everywhere', small, { memoryBytes: 400 * gib }, { data: 8, tensor: 1, zero: 0 }],
    ['of an optimizer too large', small, { memoryBytes: 110 * gib }, { data: 8, tensor: 1, zero: 1 }],
    ['of gradients too large', small, { memoryBytes: 50 * gib }, { data: 8, tensor: 1, zero: 2 }],
    ['of weights too large', small, { memoryBytes: 20 * gib }, { data: 8, tensor: 1, zero: 3 }],
    ['of 70B parameters', large, { devices: 64, devicesPerMachine: 8 }, { data: 16, tensor: 4, zero: 2 }],
    ['of 70B on eight', large, { memoryBytes: 200 * gib }, { data: 2, tensor: 4, zero: 1 }],
    ['on machines of two', large, { devices: 64, devicesPerMachine: 2 }, { data: 32, tensor: 2, zero: 3 }],
    ['on one device', small, { devices: 1, memoryBytes: 400 * gib }, { data: 1, tensor: 1, zero: 0 }],
  ] as const)('%s', (_, model, change, wanted) => {
    expect(planLayout(question(model, change))).toMatchObject({ ...wanted, fits: true })
  })

  it('divides layers where dividing the rest does not do, for rows are not to be had', () => {
    const bytes = { ...question(small).bytes, activations: 120 * gib }
    expect(planLayout(question(small, { bytes, rows: 1 }))).toMatchObject({ data: 4, tensor: 2, fits: true })
  })

  it('respects heads', () => {
    const odd = llama({ ...large, num_attention_heads: 66, num_key_value_heads: 66, head_dim: 128 })
    const plan = planLayout(question(odd, { devices: 64, devicesPerMachine: 8 }))
    expect(plan).toMatchObject({ tensor: 2, data: 32 })
    expect(plan.reasons[1]).toBe(
      'layers are split 2 ways, not 4: num_attention_heads 66 does not divide by parallel.tensor 4',
    )
  })

  it('is none that the run refuses', () => {
    const refused = ({ tensor, sequence, zero }: Parts): string[] =>
      zero > 1 || sequence || tensor === 4 ? ['that cannot be'] : []
    expect(planLayout(question(small, { refused, memoryBytes: 45 * gib }))).toMatchObject({
      data: 4,
      tensor: 2,
      sequence: false,
      zero: 1,
    })
    expect(planLayout(question(large, { refused, memoryBytes: 800 * gib }))).toMatchObject({
      tensor: 2,
      zero: 0,
    })
    expect(planLayout(question(large, { refused })).reasons[1]).toBe(
      'layers are split 2 ways, not 4: that cannot be',
    )
  })

  it('says why it is so', () => {
    expect(planLayout(question(large, { devices: 64, devicesPerMachine: 8 })).reasons).toEqual([
      'the model has 70.6B parameters; above 16B layers are divided by 4 within a machine',
      'activations between split layers are sharded along the sequence: a quarter more traffic, less memory',
      '16 parts of each batch, whose gradients are summed while they are computed',
      'the state of the optimizer and the gradients are divided, as 111 GiB would not fit 80.0 GiB',
      'a pass of 8 cannot be divided by 16: set batch.windows to a multiple of 16, and lower batch.accumulate',
    ])
    expect(planLayout(question(small, { devices: 2, memoryBytes: 50 * gib })).reasons).toEqual([
      '2 parts of each batch, whose gradients are summed while they are computed',
      'weights, gradients and optimizer state are sharded, with 50 % more traffic, as 78.8 GiB would not fit 50.0 GiB',
      'it needs 71.3 GiB on each device, which has 50.0 GiB: use more devices, or lower batch.windows',
    ])
    const bytes = { ...question(small).bytes, activations: 120 * gib }
    const one = question(small, { bytes, rows: 1, devices: 2, memoryBytes: 140 * gib })
    expect(planLayout(one).reasons).toEqual([
      'divided by 2 the layers need 127 GiB of 140 GiB; undivided, or by less, more than there is',
      'activations between split layers are sharded along the sequence: a quarter more traffic, less memory',
    ])
  })
})

const questions: fc.Arbitrary<LayoutQuestion> = fc
  .record({
    heads: fc.constantFrom(1, 2, 6, 8, 12, 32),
    layers: fc.integer({ min: 1, max: 200 }),
    devicesPerMachine: fc.constantFrom(1, 2, 4, 6, 8),
    machines: fc.integer({ min: 1, max: 8 }),
    rows: fc.integer({ min: 1, max: 64 }),
    memoryGib: fc.integer({ min: 1, max: 200 }),
  })
  .map(({ heads, layers, devicesPerMachine, machines, rows, memoryGib }) =>
    question(llama({ num_attention_heads: heads, num_key_value_heads: heads, num_hidden_layers: layers }), {
      rows,
      devices: devicesPerMachine * machines,
      devicesPerMachine,
      memoryBytes: memoryGib * gib,
    }),
  )

describe('any layout', () => {
  it('uses every device, divides what divides, and stays within a machine', () => {
    fc.assert(
      fc.property(questions, (given) => {
        const { bytesPerDevice, fits, reasons, ...parts } = planLayout(given)
        const { data, tensor } = parts
        expect(data * tensor).toBe(given.devices)
        expect((given.model as DecoderConfig).num_key_value_heads % tensor).toBe(0)
        expect(given.devicesPerMachine! % tensor).toBe(0)
        expect(bytesPerDevice).toBe(deviceBytes(given, parts))
        expect(fits).toBe(bytesPerDevice <= given.memoryBytes)
        expect(reasons.every((reason) => !reason.includes('NaN') && !reason.includes('undefined'))).toBe(true)
      }),
    )
  })

  it('is divided no further where there is more memory, and fits where it did', () => {
    fc.assert(
      fc.property(questions, (given) => {
        const less = planLayout(given)
        const more = planLayout({ ...given, memoryBytes: 2 * given.memoryBytes })
        if (!less.fits) return
        expect(more.fits).toBe(true)
        expect([more.tensor, more.tensor === less.tensor ? more.zero : 0]).toEqual([
          Math.min(more.tensor, less.tensor),
          more.tensor === less.tensor ? Math.min(more.zero, less.zero) : 0,
        ])
      }),
    )
  })
})
