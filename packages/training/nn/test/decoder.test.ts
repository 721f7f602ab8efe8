import { Decoder, type DecoderConfig, generateGreedily, initializeDecoder, parameterCount } from '@hadal/nn'
import { memory, noGrad, scope, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { collected } from '../../tensor/test/collected.ts'
import { expectClose, relativeError } from '../../tensor/test/expect-close.ts'

const config: DecoderConfig = {
  vocab_size: 40,
  hidden_size: 64,
  intermediate_size: 48,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

/** Three layers, each with products of 64, 16, 64 and 48 terms, norms of 64, and the head. */
const closeness = { roundings: 1000 }

const ids = (...tokens: number[]) => torch.tensor([tokens], { dtype: 'int64' })

function fresh(change: Partial<DecoderConfig> = {}): Decoder {
  const decoder = new Decoder({ ...config, ...change })
  initializeDecoder(decoder.parameters(), config.num_hidden_layers)
  return decoder
}

it('has exactly the parameters its configuration counts', () => {
  for (const tie_word_embeddings of [true, false]) {
    const decoder = new Decoder({ ...config, tie_word_embeddings })
    const total = [...decoder.parameters().values()].reduce((sum, { numel }) => sum + numel, 0)
    expect(total).toBe(parameterCount(decoder.config))
    expect(decoder.parameters().has('lm_head.weight')).toBe(!tie_word_embeddings)
  }
})

it('never looks ahead: a later token changes no earlier logits', () => {
  const decoder = fresh()
  noGrad(() =>
    scope(() => {
      const a = decoder.forward(ids(1, 2, 3, 4, 5))
      const b = decoder.forward(ids(1, 2, 3, 9, 5))
      expectClose(a.narrow(1, 0, 3), b.narrow(1, 0, 3), closeness)
      expect(relativeError(a.narrow(1, 3, 1), b.narrow(1, 3, 1))).toBeGreaterThan(0.01)
    }),
  )
})

it('reads a document packed behind another as if it stood alone', () => {
  const decoder = fresh()
  noGrad(() =>
    scope(() => {
      const alone = decoder.forward(ids(7, 8, 9))
      const packed = decoder.forward(ids(1, 2, 7, 8, 9), torch.tensor([[1, 1, 2, 2, 2]]))
      expectClose(packed.narrow(1, 2, 3), alone, closeness)
    }),
  )
})

it('leaves nothing behind but its logits, recording or not', async () => {
  const decoder = fresh()
  const pass = () => scope(() => decoder.forward(ids(1, 2, 3)))
  for (const run of [pass, () => noGrad(pass)]) {
    await collected()
    const before = memory().liveTensors
    const logits = run()
    expect(logits.shape).toEqual([1, 3, 40])
    expect(memory().liveTensors).toBe(before + 1)
    logits.free()
  }
})

describe('refuses', () => {
  it('a sequence longer than max_position_embeddings', () => {
    expect(() => fresh().forward(torch.zeros([1, 17], { dtype: 'int64' }))).toThrow(
      expect.objectContaining({ code: 'nn_sequence_too_long' }),
    )
  })

  it('a configuration that contradicts itself, with every issue', () => {
    const faulty = { ...config, num_attention_heads: 5, num_key_value_heads: 2 }
    expect(() => new Decoder(faulty)).toThrow(/hidden_size 64 does not divide[\s\S]*not a multiple/)
    expect(() => new Decoder({ ...config, vocab_size: 0, rope_theta: Number.NaN })).toThrow(
      expect.objectContaining({
        code: 'nn_invalid_model_config',
        message: expect.stringMatching(/vocab_size is 0[\s\S]*rope_theta is NaN/),
      }),
    )
  })
})

it('initialises small, smaller where the residual stream is written, and norms to one', () => {
  const parameters = fresh({ hidden_size: 128 }).parameters()
  const deviation = (name: string) => parameters.get(name)!.std().item() as number
  expect(deviation('model.layers.1.mlp.gate_proj.weight')).toBeCloseTo(0.02, 3)
  expect(deviation('model.layers.1.mlp.down_proj.weight')).toBeCloseTo(0.02 / Math.sqrt(6), 3)
  expect(parameters.get('model.norm.weight')!.eq(1).all().item()).toBe(true)
})

it('generates what it would choose token by token, up to a stop token or the end of its context', () => {
  const decoder = fresh()
  const choices = (tokens: number[]) =>
    noGrad(
      () =>
        decoder
          .forward(ids(...tokens))
          .argmax(-1)
          .at(0)
          .toArray() as number[],
    )
  const none = new Set<number>()
  const text = generateGreedily(decoder, [1, 2, 3], { maxTokens: 5, stop: none })
  expect(text).toEqual(choices([1, 2, 3, ...text.slice(0, -1)]).slice(2))
  expect(generateGreedily(decoder, [1, 2, 3], { maxTokens: 5, stop: new Set([text[0]!]) })).toEqual([])
  expect(generateGreedily(decoder, [1, 2, 3], { maxTokens: 99, stop: none })).toHaveLength(13)
})
