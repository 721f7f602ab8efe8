/** Settings of the model: which one, its names, and its memory. */

import { type AdapterSetting, adapterSettings } from '../adapter-setting.ts'
import { bytes, flag, oneOf, optional, text, texts, wholeNumber, wholeNumberOrAuto } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface ModelSettings {
  /** The model to serve: `nano` or `nano-deepseek` (bundled), a path to a GGUF file, to an ONNX model or to the folder of a CLIP model, `hf:owner/repo:quant`, or an https URL. */
  readonly model: string
  /** Model id that clients send in `model`. */
  readonly modelId: string | undefined
  /** Aliases of the model. */
  readonly modelAliases: readonly string[]
  /** Tags reported by `GET /v1/models`; they have no other effect. */
  readonly modelTags: readonly string[]
  /** Accept any model name in requests; if false, unknown names get 404. */
  readonly anyModelName: boolean
  /** Chat template instead of the model’s own: Jinja source, a file path, or a llama.cpp template name such as `chatml`. */
  readonly chatTemplate: string | undefined
  /** Maximum prompt plus completion length of a request. */
  readonly contextLength: number | undefined
  /** KV cache size for all sequences. */
  readonly kvCacheBytes: number | undefined
  /** Make greedy output independent of the batch where the kernels allow it. Slower, mostly with long prompts. */
  readonly batchInvariant: boolean | undefined
  /** LoRA adapters to load. Requests that select none use all of them with their scales (default 1); scale 0 only loads the adapter. */
  readonly adapters: readonly AdapterSetting[]
  /** Enable embeddings, in addition to text generation if supported. */
  readonly embeddings: boolean
  /** Pooling of token vectors into an embedding: `mean`, `cls` (the first token), `last`, or `none` (all token vectors). */
  readonly pooling: 'none' | 'mean' | 'cls' | 'last' | undefined
  /** Serve a model with a classification head as a reranker. */
  readonly reranking: boolean
  /** Speculative decoding: `auto` (where measured to be faster), `on` (always at full length) or `off`. The output distribution is unchanged. */
  readonly speculation: 'auto' | 'on' | 'off'
  /** Draft model with the same vocabulary, written like `model`. Without one, drafts come from earlier text (prompt lookup). */
  readonly draftModel: string | undefined
  /** Maximum number of draft tokens. */
  readonly draftTokens: number
  /** Number of CPU compute threads. */
  readonly threads: number | undefined
  /** Number of engine processes on this machine, or `auto` to scale with the load from `scaling.minReplicas` to `scaling.maxReplicas`. Engine settings apply to each process; see docs/scale-local.md. */
  readonly replicas: number | 'auto'
  /** Number of layers to offload to the GPU, if the installed library supports one. */
  readonly gpuLayers: number | undefined
  /** Download folder for models. */
  readonly cacheDir: string | undefined
  /** Never download models. */
  readonly offline: boolean
}

export const modelSettings: SettingsTable<ModelSettings> = {
  model: setting({
    kind: text,
    default: 'nano',
    doc: 'The model to serve: `nano` or `nano-deepseek` (bundled), a path to a GGUF file, to an ONNX model or to the folder of a CLIP model, `hf:owner/repo:quant`, or an https URL.',
    group: 'Model',
    unit: null,
    flag: '-m, --model <ref>',
    env: 'HADAL_MODEL',
  }),
  modelId: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'from the file name',
    doc: 'Model id that clients send in `model`.',
    group: 'Model',
    unit: null,
    flag: '--model-id <name>',
    env: 'HADAL_MODEL_ID',
  }),
  modelAliases: setting({
    kind: texts,
    default: [],
    doc: 'Aliases of the model.',
    group: 'Model',
    unit: null,
    flag: '--model-aliases <list>',
    env: 'HADAL_MODEL_ALIASES',
  }),
  modelTags: setting({
    kind: texts,
    default: [],
    doc: 'Tags reported by `GET /v1/models`; they have no other effect.',
    group: 'Model',
    unit: null,
    flag: '--model-tags <list>',
    env: 'HADAL_MODEL_TAGS',
  }),
  anyModelName: setting({
    kind: flag,
    default: true,
    doc: 'Accept any model name in requests; if false, unknown names get 404.',
    group: 'Model',
    unit: null,
    flag: '--any-model-name <boolean>',
    env: 'HADAL_ANY_MODEL_NAME',
    reload: 'live',
  }),
  chatTemplate: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'the model’s own',
    doc: 'Chat template instead of the model’s own: Jinja source, a file path, or a llama.cpp template name such as `chatml`.',
    group: 'Model',
    unit: null,
    flag: '--chat-template <source>',
    env: 'HADAL_CHAT_TEMPLATE',
  }),
  contextLength: setting({
    kind: optional(wholeNumber(16, 16_777_216)),
    default: undefined,
    defaultDoc: 'the model’s training context, limited by memory',
    doc: 'Maximum prompt plus completion length of a request.',
    group: 'Model',
    unit: 'tokens',
    flag: '-c, --context-length <tokens>',
    env: 'HADAL_CONTEXT_LENGTH',
  }),
  kvCacheBytes: setting({
    kind: optional(bytes),
    default: undefined,
    defaultDoc: 'a quarter of the free memory',
    doc: 'KV cache size for all sequences.',
    group: 'Model',
    unit: 'bytes',
    flag: '--kv-cache <size>',
    env: 'HADAL_KV_CACHE_BYTES',
  }),
  batchInvariant: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'true for models with a training context of at most 512 tokens, otherwise false',
    doc: 'Make greedy output independent of the batch where the kernels allow it. Slower, mostly with long prompts.',
    group: 'Model',
    unit: null,
    flag: '--batch-invariant <boolean>',
    env: 'HADAL_BATCH_INVARIANT',
  }),
  adapters: setting({
    kind: adapterSettings,
    default: [],
    doc: 'LoRA adapters to load. Requests that select none use all of them with their scales (default 1); scale 0 only loads the adapter.',
    group: 'Model',
    unit: null,
    flag: '--lora <list>',
    env: 'HADAL_ADAPTERS',
  }),
  embeddings: setting({
    kind: flag,
    default: false,
    doc: 'Enable embeddings, in addition to text generation if supported.',
    group: 'Model',
    unit: null,
    flag: '--embeddings',
    env: 'HADAL_EMBEDDINGS',
  }),
  pooling: setting({
    kind: optional(oneOf('none', 'mean', 'cls', 'last')),
    default: undefined,
    defaultDoc: 'from the model’s metadata, otherwise `mean`',
    doc: 'Pooling of token vectors into an embedding: `mean`, `cls` (the first token), `last`, or `none` (all token vectors).',
    group: 'Model',
    unit: null,
    flag: '--pooling <how>',
    env: 'HADAL_POOLING',
  }),
  reranking: setting({
    kind: flag,
    default: false,
    doc: 'Serve a model with a classification head as a reranker.',
    group: 'Model',
    unit: null,
    flag: '--reranking',
    env: 'HADAL_RERANKING',
  }),
  speculation: setting({
    kind: oneOf('auto', 'on', 'off'),
    default: 'auto',
    doc: 'Speculative decoding: `auto` (where measured to be faster), `on` (always at full length) or `off`. The output distribution is unchanged.',
    group: 'Model',
    unit: null,
    flag: '--speculation <mode>',
    env: 'HADAL_SPECULATION',
  }),
  draftModel: setting({
    kind: optional(text),
    default: undefined,
    doc: 'Draft model with the same vocabulary, written like `model`. Without one, drafts come from earlier text (prompt lookup).',
    group: 'Model',
    unit: null,
    flag: '--draft-model <ref>',
    env: 'HADAL_DRAFT_MODEL',
  }),
  draftTokens: setting({
    kind: wholeNumber(1, 16),
    default: 8,
    doc: 'Maximum number of draft tokens.',
    group: 'Model',
    unit: 'tokens',
    flag: '--draft-tokens <tokens>',
    env: 'HADAL_DRAFT_TOKENS',
  }),
  threads: setting({
    kind: optional(wholeNumber(1, 512)),
    default: undefined,
    defaultDoc: 'the physical cores available to the process',
    doc: 'Number of CPU compute threads.',
    group: 'Model',
    unit: 'threads',
    flag: '-t, --threads <number>',
    env: 'HADAL_THREADS',
  }),
  replicas: setting({
    kind: wholeNumberOrAuto(1, 64),
    default: 1,
    doc: 'Number of engine processes on this machine, or `auto` to scale with the load from `scaling.minReplicas` to `scaling.maxReplicas`. Engine settings apply to each process; see docs/scale-local.md.',
    group: 'Model',
    unit: 'processes',
    flag: '--replicas <count>',
    env: 'HADAL_REPLICAS',
  }),
  gpuLayers: setting({
    kind: optional(wholeNumber(0, 10_000)),
    default: undefined,
    defaultDoc: 'all',
    doc: 'Number of layers to offload to the GPU, if the installed library supports one.',
    group: 'Model',
    unit: 'layers',
    flag: '--gpu-layers <layers>',
    env: 'HADAL_GPU_LAYERS',
  }),
  cacheDir: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: '`$XDG_CACHE_HOME/hadal`, or `~/.cache/hadal`',
    doc: 'Download folder for models.',
    group: 'Model',
    unit: null,
    flag: '--cache-dir <folder>',
    env: 'HADAL_CACHE_DIR',
  }),
  offline: setting({
    kind: flag,
    default: false,
    doc: 'Never download models.',
    group: 'Model',
    unit: null,
    flag: '--offline',
    env: 'HADAL_OFFLINE',
  }),
}
