import { existsSync, readFileSync } from 'node:fs'
import {
  type DType,
  grad,
  memory,
  resetPeakMemory,
  scope,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import type { DecoderConfig } from '../decoder-config.ts'
import type { DeepSeekConfig } from '../deepseek/config.ts'
import { documentMask } from '../document-mask.ts'
import { createModel } from '../language-model.ts'
import type { ModelConfig } from '../model-config.ts'
import { type Ends, endsOf } from '../parallel/divided-layers.ts'
import { inverseFrequencies, rotaryPrefix, rotaryTable } from '../rotary.ts'
import { type LayerPart, runPart } from '../tape/layer-part.ts'
import { partBytes } from './part-bytes.ts'

setNumThreads(1)
const cpus = '/proc/cpuinfo'
const hasAmx = existsSync(cpus) && readFileSync(cpus, 'utf8').includes('amx_bf16')

const [rows, length, hidden] = [4, 64, 64] as const
const llama: DecoderConfig = {
  vocab_size: 64,
  hidden_size: hidden,
  intermediate_size: 160,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: length,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  tie_word_embeddings: true,
}
const deepseek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: 64,
  hidden_size: hidden,
  intermediate_size: 160,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: length,
  rms_norm_eps: 1e-6,
  rope_theta: 1e4,
  rope_scaling: null,
  tie_word_embeddings: true,
  attention_bias: false,
  q_lora_rank: 24,
  kv_lora_rank: 16,
  qk_nope_head_dim: 16,
  qk_rope_head_dim: 8,
  v_head_dim: 16,
  moe: {
    n_routed_experts: 8,
    num_experts_per_tok: 2,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    n_group: 2,
    topk_group: 1,
    norm_topk_prob: true,
    routed_scaling_factor: 2.5,
    moe_intermediate_size: 64,
    n_shared_experts: 1,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}
const models: readonly (readonly [string, ModelConfig])[] = [
  ['Llama', llama],
  ['Llama without shared keys', { ...llama, num_key_value_heads: 4 }],
  ['Qwen2', { ...llama, model_type: 'qwen2' }],
  ['Qwen3', { ...llama, model_type: 'qwen3', head_dim: 32 }],
  ['DeepSeek', deepseek],
  ['DeepSeek with plain queries', { ...deepseek, q_lora_rank: null, v_head_dim: 24 }],
]

interface Parted {
  readonly model: {
    readonly layers: readonly {
      parts(
        layer: number,
        rotary: ReturnType<typeof rotaryTable>,
        mask: Tensor | undefined,
        ends: Ends,
        onLoad: () => void,
      ): LayerPart[]
    }[]
  }
}

/** Bytes that the part keeps, and its peak, measured by libtorch. */
function measured(config: ModelConfig, at: number, kind: number, dtype: DType, masked: boolean) {
  return scope(() => {
    const model = createModel(config, dtype)
    for (const parameter of model.parameters().values()) parameter.detach().normal_(0, 0.02)
    const width = 'qk_rope_head_dim' in config ? config.qk_rope_head_dim : (config.head_dim ?? hidden / 4)
    const rotary = rotaryPrefix(rotaryTable(length, inverseFrequencies(width, 1e4)), length)
    const mask = masked ? documentMask(torch.zeros([rows, length], { dtype: 'int64' })) : undefined
    const part = (model as Parted).model.layers[at]!.parts(
      at,
      rotary,
      mask,
      endsOf(undefined, length),
      () => {},
    )[kind]!
    const x = torch.randn([rows, length, hidden], { dtype }).requiresGrad_(true)
    const parameters = [...model.parameters().values()]
    const back = (y: Tensor): unknown =>
      grad(y, [x, ...parameters], { gradOutputs: [torch.onesLike(y)], allowUnused: true })
    const held = memory().currentBytes
    const kept = scope(() => {
      const y = scope(() => runPart(part, x))
      return y.numel > 0 ? memory().currentBytes - held : 0
    })
    const light = scope(() => scope(() => part.project(x)).length && memory().currentBytes - held)
    resetPeakMemory()
    scope(() => void back(runPart(part, x)))
    return { kept, light, transient: memory().peakBytes - held }
  })
}

describe.each(models)('%s: the parts of a layer', (_, config) => {
  it.each([
    ['float32', 0, false],
    ['float32', 1, true],
    ['bfloat16', 1, false],
  ] as const)('in %s, layer %d, packed %s, take what libtorch allocates', (dtype, layer, masked) => {
    const shape = { tokens: rows * length, windowLength: length, width: dtype === 'float32' ? 4 : 2, masked }
    for (const [index, kind] of (['attention', 'mlp'] as const).entries()) {
      const real = measured(config, layer, index, dtype, masked)
      const counted = partBytes(config, kind, layer, shape)
      const within = (ours: number, theirs: number, share: number): void =>
        expect(Math.abs(ours / theirs - 1), `${kind}: ${ours} of ${theirs}`).toBeLessThan(share)
      within(counted.kept, real.kept, 0.01)
      within(counted.light, real.light + counted.output, 0.01)
      // oneDNN's scratch memory for bf16 products is not counted: with AMX it packs a copy of the widest operand of an MLP.
      const isPacked = hasAmx && dtype === 'bfloat16' && kind === 'mlp'
      const packed = isPacked ? rows * length * llama.intermediate_size * shape.width : 0
      expect(counted.transient, kind).toBeLessThan(real.transient * 1.1)
      expect(counted.transient, kind).toBeGreaterThan((real.transient - packed) * 0.9)
    }
  })
})

it('a part that is computed again keeps its output, which takes less than its products, and those less than all', () => {
  const { kept, light, output } = partBytes(llama, 'attention', 0, {
    tokens: 256,
    windowLength: 64,
    width: 4,
  })
  expect(output).toBe(256 * hidden * 4)
  expect(light).toBeGreaterThan(output)
  expect(kept).toBeGreaterThan(light)
})

it('frozen weights have no gradients, adapters keep what they read', () => {
  const shape = { tokens: 256, windowLength: 64, width: 4 }
  const whole = partBytes(llama, 'mlp', 0, shape)
  const frozen = partBytes(llama, 'mlp', 0, { ...shape, adapter: { rank: 4, targets: [] } })
  const adapted = partBytes(llama, 'mlp', 0, {
    ...shape,
    adapter: { rank: 4, targets: ['layers.0.mlp.up_proj'] },
  })
  expect(frozen.kept).toBeLessThan(whole.kept)
  expect(adapted.kept).toBeGreaterThan(frozen.kept)
})
