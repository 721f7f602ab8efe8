import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { hasTorch } from '../test/reference/torch-installed.ts'
import type { DecoderConfig } from './decoder-config.ts'
import type { DeepSeekConfig, MoeConfig } from './deepseek/config.ts'
import { trainingFlopsPerToken } from './training-flops.ts'

const decoder: DecoderConfig = {
  vocab_size: 10,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

const moe: MoeConfig = {
  n_routed_experts: 6,
  num_experts_per_tok: 2,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  n_group: 1,
  topk_group: 1,
  norm_topk_prob: true,
  routed_scaling_factor: 1,
  moe_intermediate_size: 5,
  n_shared_experts: 1,
  first_k_dense_replace: 1,
  moe_layer_freq: 1,
}

const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: 10,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: false,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: true,
  q_lora_rank: 6,
  kv_lora_rank: 4,
  qk_nope_head_dim: 3,
  qk_rope_head_dim: 2,
  v_head_dim: 7,
  moe,
}

describe('operations a token', () => {
  it('of a decoder, by hand', () => {
    // Queries and output 8·8, keys and values 8·4, three branches of 8·12; a head of 10·8.
    const weights = 2 * (64 + 64 + 32 + 32 + 3 * 96) + 80
    expect(trainingFlopsPerToken(decoder, 16)).toBe(6 * weights + 12 * 2 * 4 * 2 * 16)
  })

  it('of a decoder whose heads have a width of their own, tied or not', () => {
    const wide = { ...decoder, head_dim: 6, tie_word_embeddings: false }
    const weights = 2 * (2 * 8 * 24 + 2 * 8 * 12 + 3 * 96) + 80
    expect(trainingFlopsPerToken(wide, 5)).toBe(6 * weights + 12 * 2 * 4 * 6 * 5)
  })

  it('of a DeepSeek, by hand: one dense layer, two with three of seven experts', () => {
    const attention = 8 * 6 + 6 * 2 * 5 + 8 * 6 + 4 * 2 * 10 + 2 * 7 * 8
    const weights = 3 * attention + 3 * 96 + 2 * (8 * 6 + 3 * 3 * 40) + 80
    expect(trainingFlopsPerToken(deepSeek, 16)).toBe(6 * weights + 6 * 3 * 2 * (5 + 7) * 16)
  })

  it('of a DeepSeek without a latent of queries and without experts', () => {
    const plain = { ...deepSeek, q_lora_rank: null, moe: null }
    const attention = 8 * 2 * 5 + 8 * 6 + 4 * 2 * 10 + 2 * 7 * 8
    expect(trainingFlopsPerToken(plain, 1)).toBe(6 * (3 * (attention + 3 * 96) + 80) + 6 * 3 * 2 * 12)
  })

  it('are those of the published model: 6 · 37 billion for DeepSeek-V3, without its input embedding', () => {
    const v3: DeepSeekConfig = {
      ...deepSeek,
      vocab_size: 129_280,
      hidden_size: 7168,
      intermediate_size: 18_432,
      num_hidden_layers: 61,
      num_attention_heads: 128,
      q_lora_rank: 1536,
      kv_lora_rank: 512,
      qk_nope_head_dim: 128,
      qk_rope_head_dim: 64,
      v_head_dim: 128,
      moe: {
        ...moe,
        n_routed_experts: 256,
        num_experts_per_tok: 8,
        moe_intermediate_size: 2048,
        first_k_dense_replace: 3,
      },
    }
    expect(trainingFlopsPerToken(v3, 0) / 6e9).toBeCloseTo(36.6, 1)
  })
})

/** Both models with plain matrix products, backward included, as PyTorch's own counter sees them. */
const counter = `
import json, sys
import torch
from torch.utils.flop_counter import FlopCounterMode
cases = json.load(sys.stdin)
B = 2
def weight(rows, columns):
    return torch.randn(rows, columns, requires_grad=True)
def linear(x, rows):
    return x @ weight(rows, x.shape[-1]).T
def swiglu(x, width):
    return linear(linear(x, width) * linear(x, width), x.shape[-1])
def attend(q, k, v):
    b, t, h = q.shape[:3]
    heads = lambda x: x.transpose(1, 2).reshape(b * h, t, -1)
    y = torch.bmm(torch.bmm(heads(q), heads(k).transpose(1, 2)).softmax(-1), heads(v))
    return y.view(b, h, t, -1).transpose(1, 2).reshape(b, t, -1)
def decoder(c, x):
    h, k = c["num_attention_heads"], c["num_key_value_heads"]
    e = c.get("head_dim", c["hidden_size"] // h)
    b, t, d = x.shape
    q = linear(x, h * e).view(b, t, h, e)
    key, value = (linear(x, k * e).view(b, t, k, e).repeat_interleave(h // k, 2) for _ in range(2))
    x = x + linear(attend(q, key, value), d)
    return x + swiglu(x, c["intermediate_size"])
def deepseek(c, x, layer):
    h, p, r, w = (c[n] for n in ("num_attention_heads", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"))
    b, t, d = x.shape
    q = linear(x if c["q_lora_rank"] is None else linear(x, c["q_lora_rank"]), h * (p + r)).view(b, t, h, p + r)
    latent, rope = linear(x, c["kv_lora_rank"] + r).split([c["kv_lora_rank"], r], -1)
    k, v = linear(latent, h * (p + w)).view(b, t, h, p + w).split([p, w], -1)
    k = torch.cat([k, rope.unsqueeze(2).expand(b, t, h, r)], -1)
    x = x + linear(attend(q, k, v), d)
    m = c["moe"]
    if m is None or layer < m["first_k_dense_replace"]:
        return x + swiglu(x, c["intermediate_size"])
    flat = x.reshape(b * t, d)
    chosen = linear(flat, m["n_routed_experts"]).topk(m["num_experts_per_tok"])
    y = swiglu(flat, m["n_shared_experts"] * m["moe_intermediate_size"])
    for expert in range(m["n_routed_experts"]):
        rows, place = (chosen.indices == expert).nonzero(as_tuple=True)
        part = swiglu(flat[rows], m["moe_intermediate_size"]) * chosen.values[rows, place].unsqueeze(1)
        y = y.index_add(0, rows, part)
    return x + y.view(b, t, d)
counts = []
for c, t in cases:
    torch.manual_seed(1)
    x = torch.randn(B, t, c["hidden_size"], requires_grad=True)
    with FlopCounterMode(display=False) as flops:
        for layer in range(c["num_hidden_layers"]):
            x = deepseek(c, x, layer) if "kv_lora_rank" in c else decoder(c, x)
        linear(x, c["vocab_size"]).sum().backward()
    counts.append(flops.get_total_flops() / (B * t))
print(json.dumps(counts))
`

const torchInstalled = hasTorch('utils/flop_counter.py')

it.runIf(torchInstalled)('operations a token are those that PyTorch counts', () => {
  const cases = [
    [decoder, 16],
    [{ ...decoder, head_dim: 6 }, 5],
    [deepSeek, 16],
    [{ ...deepSeek, q_lora_rank: null, moe: null }, 7],
  ] as const
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', counter], {
    input: JSON.stringify(cases),
  })
  expect(stderr.toString()).toBe('')
  expect(JSON.parse(stdout.toString())).toEqual(
    cases.map(([config, length]) => trainingFlopsPerToken(config, length)),
  )
})
