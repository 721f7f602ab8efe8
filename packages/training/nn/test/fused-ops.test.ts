/** Norms and gates by fused operators: near libtorch's, in fp32 alone, and gone when they are taken away. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Decoder, type DecoderConfig, initializeDecoder, useFusedOps } from '@hadal/nn'
import { fusedOps, grad, manualSeed, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { expectAllClose } from '../../tensor/test/expect-close.ts'

setNumThreads(1)
// A compiler takes its time alongside other work. Where all tests keep compiled operators.
const cache = join(fileURLToPath(new URL('../../tensor/build', import.meta.url)), 'cache', 'hadal', 'ops')

const config: DecoderConfig = {
  vocab_size: 40,
  hidden_size: 64,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

function decoderIn(dtype: 'float32' | 'bfloat16'): Decoder {
  const decoder = new Decoder(config, dtype)
  manualSeed(3)
  initializeDecoder(decoder.parameters(), config.num_hidden_layers)
  return decoder
}

const ids = torch
  .tensor([
    [1, 2, 3, 4, 5],
    [9, 8, 7, 6, 5],
  ])
  .long()

/** Logits and the gradient of every parameter. */
const passed = (decoder: Decoder): Tensor[] => {
  const parameters = [...decoder.parameters().values()]
  for (const parameter of parameters) parameter.requiresGrad_()
  const logits = decoder.forward(ids)
  return [logits, ...grad(logits.float().logSoftmax(-1).select(-1, 7).sum(), parameters)]
}

const bytes = (tensors: readonly Tensor[]): Uint8Array[] => tensors.map((tensor) => tensor.bytes())

it('a decoder computes the same with them but for rounding, and its own again without', async () => {
  const ops = await fusedOps({ cache })
  scope(() => {
    const decoder = decoderIn('float32')
    const composed = passed(decoder)
    expect(useFusedOps(decoder, ops)).toEqual({ norms: 5, gates: 2 })
    const fused = passed(decoder)
    // Two layers with products of 64, 16, 64 and 48 terms, forward and twice in the backward pass.
    expectAllClose(fused, composed, { roundings: 2000 })
    expect(bytes(fused)).not.toEqual(bytes(composed))
    expect(bytes(passed(decoder))).toEqual(bytes(fused))
    useFusedOps(decoder, undefined)
    expect(bytes(passed(decoder))).toEqual(bytes(composed))
  })
})

it('in 16 bits nothing changes', async () => {
  const ops = await fusedOps({ cache })
  scope(() => {
    const decoder = decoderIn('bfloat16')
    const before = passed(decoder)
    useFusedOps(decoder, ops)
    expect(bytes(passed(decoder))).toEqual(bytes(before))
  })
})
