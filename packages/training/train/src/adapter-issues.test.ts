import { type DeepSeekConfig, type LoraOptions, type ModelConfig, wantedTensors } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { adapterIssues } from './adapter-issues.ts'
import type { RunConfig } from './run-config.ts'

const model = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 6,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: false,
}
const issuesOf = (adapter: object, change: Partial<RunConfig> = {}): string[] =>
  ofRun({ adapter, model, startFrom: new Map(), ...change } as RunConfig<ModelConfig>)
const ofRun = (run: RunConfig<ModelConfig>): string[] =>
  adapterIssues(run, wantedTensors(run.model), run.model.tie_word_embeddings)

describe('adapter issues', () => {
  it.each<Partial<LoraOptions>>([
    {},
    { targets: ['*'] },
    { targets: ['*_proj', 'lm_head'] },
    { targets: ['model.layers.5.mlp.up_proj', 'layers.*.self_attn.*'] },
    { rankPattern: { 'layers.5.*.*': 2, q_proj: 64 }, alphaPattern: { lm_head: 0.5 } },
    { dropout: 0.99, dora: true, quantization: 'nf4', doubleQuantization: false },
  ])('are none in %j', (adapter) => {
    expect(issuesOf(adapter)).toEqual([])
  })

  it.each([
    [
      { targets: ['q_prj'] },
      'adapter.targets "q_prj" is not a linear module of the model; did you mean q_proj?',
    ],
    [
      { targets: ['model.layers.3.self_atn.q_proj'] },
      'adapter.targets "model.layers.3.self_atn.q_proj" is not a linear module of the model; did you mean model.layers.3.self_attn.q_proj?',
    ],
    [{ targets: ['layers.*'] }, 'adapter.targets "layers.*" is not a linear module of the model'],
    [{ targets: ['embed_tokens'] }, 'adapter.targets "embed_tokens" is not a linear module of the model'],
    [{ targets: [] }, 'adapter.targets is empty; name linear modules such as q_proj'],
    [{ targets: [1] }, 'adapter.targets must be a list of linear module names'],
    [{ dropout: 1 }, 'adapter.dropout is 1; it must be from 0 to below 1'],
    [{ dropout: '0.1x' }, 'adapter.dropout is 0.1x; it must be from 0 to below 1'],
    [{ dora: 'yes' }, 'adapter.dora is yes; it must be true or false'],
    [{ doubleQuantization: 1 }, 'adapter.doubleQuantization is 1; it must be true or false'],
    [{ quantization: 'int4' }, 'adapter.quantization is "int4"; it must be "none" or "nf4"'],
    [
      { rankPattern: { q_proj: 1.5 } },
      'adapter.rankPattern["q_proj"] is 1.5; it must be a whole number of at least 1',
    ],
    [
      { alphaPattern: { dwn_proj: 1 } },
      'adapter.alphaPattern["dwn_proj"] is not a linear module of the model; did you mean down_proj?',
    ],
    [{ alphaPattern: { q_proj: '8' } }, 'adapter.alphaPattern["q_proj"] is "8"; it must be above 0'],
    [{ rankPattern: [8] }, 'adapter.rankPattern is [8]; it must be an object of numbers by name'],
    [{ rankPattern: null }, 'adapter.rankPattern is null; it must be an object of numbers by name'],
  ])('of %j', (adapter, issue) => {
    expect(issuesOf(adapter).join('\n')).toContain(issue)
    expect(issuesOf(adapter)).toHaveLength(1)
  })

  it('are all reported at once, and none for a run without adapters', () => {
    expect(issuesOf({ rank: 0, alpha: 0, dropout: -1, targets: ['a', 'b'] })).toHaveLength(5)
    expect(ofRun({ model } as RunConfig<ModelConfig>)).toEqual([])
  })

  it('say where the output matrix is of a model that has none of its own', () => {
    const tied = { model: { ...model, tie_word_embeddings: true } }
    const own = 'the head shares the embedding weights (tie_word_embeddings). Remove it'
    for (const adapter of [{ targets: ['q_proj', 'lm_head'] }, { rankPattern: { lm_head: 4 } }]) {
      expect(issuesOf(adapter, tied).join()).toMatch(/lm_head"\]? is not a linear module of the model/)
      expect(issuesOf(adapter, tied).join()).toContain(own)
      expect(issuesOf(adapter, tied)).toHaveLength(1)
    }
    expect(issuesOf({ targets: ['lm_haed'] }, tied).join()).not.toContain(own)
    expect(issuesOf({ targets: ['*'] }, tied)).toEqual([])
  })

  it('look through as many modules as a mixture of experts has, and through no more than can be listed', () => {
    const layers = { ...model, num_hidden_layers: 1e9 }
    expect(issuesOf({ targets: ['q_proj'] }, { model: layers })).toEqual([])
    expect(issuesOf({ targets: ['q_prj'] }, { model: layers })).toHaveLength(1)
    const mixture = { ...deepSeek, moe: { ...deepSeek.moe!, n_routed_experts: 64 } }
    expect(issuesOf({ targets: ['experts.63.up_proj', 'kv_b_proj'] }, { model: mixture })).toEqual([])
    expect(issuesOf({ targets: ['gate'] }, { model: mixture })).toHaveLength(1)
  })
})

const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v2',
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  q_lora_rank: null,
  kv_lora_rank: 8,
  qk_nope_head_dim: 8,
  qk_rope_head_dim: 4,
  v_head_dim: 8,
  attention_bias: false,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-6,
  rope_theta: 1000,
  rope_scaling: null,
  tie_word_embeddings: false,
  moe: {
    n_routed_experts: 4,
    n_shared_experts: 1,
    num_experts_per_tok: 2,
    moe_intermediate_size: 8,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
    n_group: 1,
    topk_group: 1,
    topk_method: 'greedy',
    scoring_func: 'softmax',
    norm_topk_prob: false,
    routed_scaling_factor: 1,
  },
}
