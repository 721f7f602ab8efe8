/** Models on the meta device: all of their shapes, none of their memory. */

import { createModel, onDevice, readDeepSeekConfig, wantedTensors } from '@hadal/nn'
import { memory, scope } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { v3 } from './published-configs.ts'

it('DeepSeek-V3 has its 671 billion parameters by name and shape, and takes no memory', () => {
  const config = readDeepSeekConfig(v3)
  const before = memory()
  scope(() => {
    const parameters = onDevice('meta', () => createModel(config, 'bfloat16')).parameters()
    const wanted = [...wantedTensors(config)]
    expect(parameters.size).toBe(wanted.length)
    for (const { name, shape } of wanted) expect(parameters.get(name)?.shape, name).toEqual(shape)
    const numbers = [...parameters.values()].reduce((sum, tensor) => sum + tensor.numel, 0)
    expect(Math.round(numbers / 1e9)).toBe(671)
    expect(memory().currentBytes - before.currentBytes).toBeLessThan(1e6)
  })
})

it('what is built afterwards is where it was before, also when building fails', () => {
  expect(() =>
    onDevice('meta', () => {
      throw new Error('no')
    }),
  ).toThrow('no')
  scope(() => {
    const made = createModel({
      vocab_size: 8,
      hidden_size: 8,
      intermediate_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      max_position_embeddings: 8,
      rms_norm_eps: 1e-5,
      rope_theta: 100,
      tie_word_embeddings: true,
    })
    expect(made.model.norm.weight.device).toBe('cpu')
  })
})
