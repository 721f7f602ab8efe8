/**
 * The C structs passed by value, laid out as in llama.h of the pinned version, and a check at start that the library agrees. A
 * wrong layout does not fail but corrupts memory; hence the check.
 */

import koffi from 'koffi'

/** `llama_version()` of the pinned @node-llama-cpp release. */
export const libraryVersion = '0.4.0-dev'

type Fields = Readonly<Record<string, number | boolean | bigint | null>>

const modelParams = {
  devices: 'void *',
  tensor_buft_overrides: 'void *',
  n_gpu_layers: 'int32_t',
  split_mode: 'int32_t',
  load_mode: 'int32_t',
  lazy_mode: 'int32_t',
  main_gpu: 'int32_t',
  tensor_split: 'void *',
  progress_callback: 'void *',
  progress_callback_user_data: 'void *',
  kv_overrides: 'void *',
  vocab_only: 'bool',
  check_tensors: 'bool',
  use_extra_bufts: 'bool',
  no_host: 'bool',
  no_alloc: 'bool',
  load_mtp: 'bool',
} as const

const contextParams = {
  n_ctx: 'uint32_t',
  n_batch: 'uint32_t',
  n_ubatch: 'uint32_t',
  n_seq_max: 'uint32_t',
  n_rs_seq: 'uint32_t',
  n_outputs_max: 'uint32_t',
  n_outputs_max_per_seq: 'uint32_t',
  n_threads: 'int32_t',
  n_threads_batch: 'int32_t',
  ctx_type: 'int32_t',
  rope_scaling_type: 'int32_t',
  pooling_type: 'int32_t',
  attention_type: 'int32_t',
  flash_attn_type: 'int32_t',
  rope_freq_base: 'float',
  rope_freq_scale: 'float',
  yarn_ext_factor: 'float',
  yarn_attn_factor: 'float',
  yarn_beta_fast: 'float',
  yarn_beta_slow: 'float',
  yarn_orig_ctx: 'uint32_t',
  defrag_thold: 'float',
  cb_eval: 'void *',
  cb_eval_user_data: 'void *',
  type_k: 'int32_t',
  type_v: 'int32_t',
  abort_callback: 'void *',
  abort_callback_data: 'void *',
  embeddings: 'bool',
  offload_kqv: 'bool',
  no_perf: 'bool',
  op_offload: 'bool',
  swa_full: 'bool',
  kv_unified: 'bool',
  samplers: 'void *',
  n_samplers: 'size_t',
  ctx_other: 'void *',
} as const

export type ModelParams = Record<keyof typeof modelParams, number | boolean | bigint | null>
export type ContextParams = Record<keyof typeof contextParams, number | boolean | bigint | null>

/** Passed by value to `llama_decode`; the arrays stay in place, so only their addresses are passed. */
export interface NativeBatch {
  n_tokens: number
  token: bigint
  embd: null
  pos: bigint
  n_seq_id: bigint
  seq_id: bigint
  logits: bigint
}

/** Declares the named types used by the prototypes in `binding.ts`. Once per process. */
export function declareTypes(): void {
  for (const name of ['llama_model', 'llama_context', 'llama_vocab', 'llama_sampler', 'llama_memory'])
    koffi.opaque(name)
  for (const name of ['ggml_backend_reg', 'ggml_backend_dev', 'ggml_threadpool', 'llama_adapter_lora'])
    koffi.opaque(name)
  koffi.struct('llama_model_params', modelParams)
  koffi.struct('llama_context_params', contextParams)
  koffi.struct('llama_batch', {
    n_tokens: 'int32_t',
    token: 'void *',
    embd: 'void *',
    pos: 'void *',
    n_seq_id: 'void *',
    seq_id: 'void *',
    logits: 'void *',
  })
  koffi.struct('llama_sampler_chain_params', { no_perf: 'bool' })
  koffi.struct('ggml_threadpool_params', {
    cpumask: koffi.array('bool', 512),
    n_threads: 'int32_t',
    prio: 'int32_t',
    poll: 'uint32_t',
    strict_cpu: 'bool',
    paused: 'bool',
  })
}

/** The values of the library's default functions in this version; enough to detect a shifted field. */
const modelDefaults: Fields = {
  devices: null,
  n_gpu_layers: -1,
  split_mode: 1,
  load_mode: -1,
  lazy_mode: 1,
  main_gpu: 0,
  tensor_split: null,
  kv_overrides: null,
  vocab_only: false,
  use_extra_bufts: true,
  no_host: false,
  load_mtp: false,
}

const contextDefaults: Fields = {
  n_ctx: 512,
  n_batch: 2048,
  n_ubatch: 512,
  n_seq_max: 1,
  n_rs_seq: 0,
  n_outputs_max: 0,
  n_outputs_max_per_seq: 1,
  n_threads: 4,
  n_threads_batch: 4,
  ctx_type: 0,
  rope_scaling_type: -1,
  flash_attn_type: -1,
  rope_freq_base: 0,
  yarn_ext_factor: -1,
  yarn_orig_ctx: 0,
  defrag_thold: -1,
  cb_eval: null,
  type_k: 1,
  type_v: 1,
  abort_callback: null,
  embeddings: false,
  offload_kqv: true,
  no_perf: true,
  op_offload: true,
  swa_full: true,
  kv_unified: false,
  samplers: null,
  n_samplers: 0,
  ctx_other: null,
}

/** All fields in which the library differs from this file; empty if none. */
export function layoutIssues(model: ModelParams, context: ContextParams): readonly string[] {
  const issues = (struct: string, got: Fields, expected: Fields): string[] =>
    Object.entries(expected)
      .filter(([field, value]) => got[field] !== value)
      .map(([field, value]) => `${struct}.${field} is ${got[field]}, not ${value}`)
  return [
    ...issues('llama_model_params', model, modelDefaults),
    ...issues('llama_context_params', context, contextDefaults),
  ]
}
