/** Settings of the model: which one, its names, and its memory. */

import { type AdapterSetting, adapterSettings } from '../adapter-setting.ts'
import { bytes, flag, oneOf, optional, text, texts, wholeNumber, wholeNumberOrAuto } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface ModelSettings {
  /** The model to serve: `nano` or `nano-deepseek` (bundled), a path to a GGUF file, to an ONNX model or to the folder of a CLIP model, `hf:owner/repo:quant`, or an https URL. */
  readonly model: string
  /** The name clients use in `model`. */
  readonly modelId: string | undefined
  /** Other names of the model. */
  readonly modelAliases: readonly string[]
  /** Words that `GET /v1/models` says of the model; they mean nothing here. */
  readonly modelTags: readonly string[]
  /** Whether a name that the model does not have means it all the same; else it is answered 404. */
  readonly anyModelName: boolean
  /** Jinja template for chats instead of the model’s own: its source, the path of a file that holds it, or a name that llama.cpp has for it, such as `chatml`. */
  readonly chatTemplate: string | undefined
  /** Longest prompt plus answer of one request. */
  readonly contextLength: number | undefined
  /** Memory for the keys and values of all sequences. */
  readonly kvCacheBytes: number | undefined
  /** Greedy text is the same whether a request runs alone or beside others, where the kernels allow it. Costs speed, most with long prompts. */
  readonly batchInvariant: boolean | undefined
  /** LoRA adapters to serve with the model. Requests that name none use all of them, each with its scale: 1 by default; 0 only loads it. */
  readonly adapters: readonly AdapterSetting[]
  /** Give embeddings, beside text where the model generates any. */
  readonly embeddings: boolean
  /** How the vectors of a text’s tokens become its embedding: `mean`, `cls` (the first), `last`, or `none` (all of them). */
  readonly pooling: 'none' | 'mean' | 'cls' | 'last' | undefined
  /** Serve a model that has a classification head as a reranker. */
  readonly reranking: boolean
  /** Guess tokens ahead and check several in one computation: `auto` where it was measured to be faster, `on` always at full length, `off`. Texts are distributed as without it. */
  readonly speculation: 'auto' | 'on' | 'off'
  /** A small model of the same vocabulary that guesses; named as `model` is. Without one, what was said before is the guess. */
  readonly draftModel: string | undefined
  /** Tokens guessed ahead at most. */
  readonly draftTokens: number
  /** CPU threads that compute. */
  readonly threads: number | undefined
  /** Engine processes of the model on this machine; `auto`: as many as the load asks for, from `scaling.minReplicas` to `scaling.maxReplicas`. What is said of an engine is said of each; see docs/scale-local.md. */
  readonly replicas: number | 'auto'
  /** Layers kept on a GPU, when the installed library has one. */
  readonly gpuLayers: number | undefined
  /** Folder for downloaded models. */
  readonly cacheDir: string | undefined
  /** Never use the network to find a model. */
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
    doc: 'The name clients use in `model`.',
    group: 'Model',
    unit: null,
    flag: '--model-id <name>',
    env: 'HADAL_MODEL_ID',
  }),
  modelAliases: setting({
    kind: texts,
    default: [],
    doc: 'Other names of the model.',
    group: 'Model',
    unit: null,
    flag: '--model-aliases <list>',
    env: 'HADAL_MODEL_ALIASES',
  }),
  modelTags: setting({
    kind: texts,
    default: [],
    doc: 'Words that `GET /v1/models` says of the model; they mean nothing here.',
    group: 'Model',
    unit: null,
    flag: '--model-tags <list>',
    env: 'HADAL_MODEL_TAGS',
  }),
  anyModelName: setting({
    kind: flag,
    default: true,
    doc: 'Whether a name that the model does not have means it all the same; else it is answered 404.',
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
    doc: 'Jinja template for chats instead of the model’s own: its source, the path of a file that holds it, or a name that llama.cpp has for it, such as `chatml`.',
    group: 'Model',
    unit: null,
    flag: '--chat-template <source>',
    env: 'HADAL_CHAT_TEMPLATE',
  }),
  contextLength: setting({
    kind: optional(wholeNumber(16, 16_777_216)),
    default: undefined,
    defaultDoc: 'what the model was trained for, as far as memory allows',
    doc: 'Longest prompt plus answer of one request.',
    group: 'Model',
    unit: 'tokens',
    flag: '-c, --context-length <tokens>',
    env: 'HADAL_CONTEXT_LENGTH',
  }),
  kvCacheBytes: setting({
    kind: optional(bytes),
    default: undefined,
    defaultDoc: 'a quarter of the free memory',
    doc: 'Memory for the keys and values of all sequences.',
    group: 'Model',
    unit: 'bytes',
    flag: '--kv-cache <size>',
    env: 'HADAL_KV_CACHE_BYTES',
  }),
  batchInvariant: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'true for a model trained for at most 512 tokens, where it costs little; else false',
    doc: 'Greedy text is the same whether a request runs alone or beside others, where the kernels allow it. Costs speed, most with long prompts.',
    group: 'Model',
    unit: null,
    flag: '--batch-invariant <boolean>',
    env: 'HADAL_BATCH_INVARIANT',
  }),
  adapters: setting({
    kind: adapterSettings,
    default: [],
    doc: 'LoRA adapters to serve with the model. Requests that name none use all of them, each with its scale: 1 by default; 0 only loads it.',
    group: 'Model',
    unit: null,
    flag: '--lora <list>',
    env: 'HADAL_ADAPTERS',
  }),
  embeddings: setting({
    kind: flag,
    default: false,
    doc: 'Give embeddings, beside text where the model generates any.',
    group: 'Model',
    unit: null,
    flag: '--embeddings',
    env: 'HADAL_EMBEDDINGS',
  }),
  pooling: setting({
    kind: optional(oneOf('none', 'mean', 'cls', 'last')),
    default: undefined,
    defaultDoc: 'what the model was trained with; `mean` where it says nothing',
    doc: 'How the vectors of a text’s tokens become its embedding: `mean`, `cls` (the first), `last`, or `none` (all of them).',
    group: 'Model',
    unit: null,
    flag: '--pooling <how>',
    env: 'HADAL_POOLING',
  }),
  reranking: setting({
    kind: flag,
    default: false,
    doc: 'Serve a model that has a classification head as a reranker.',
    group: 'Model',
    unit: null,
    flag: '--reranking',
    env: 'HADAL_RERANKING',
  }),
  speculation: setting({
    kind: oneOf('auto', 'on', 'off'),
    default: 'auto',
    doc: 'Guess tokens ahead and check several in one computation: `auto` where it was measured to be faster, `on` always at full length, `off`. Texts are distributed as without it.',
    group: 'Model',
    unit: null,
    flag: '--speculation <mode>',
    env: 'HADAL_SPECULATION',
  }),
  draftModel: setting({
    kind: optional(text),
    default: undefined,
    doc: 'A small model of the same vocabulary that guesses; named as `model` is. Without one, what was said before is the guess.',
    group: 'Model',
    unit: null,
    flag: '--draft-model <ref>',
    env: 'HADAL_DRAFT_MODEL',
  }),
  draftTokens: setting({
    kind: wholeNumber(1, 16),
    default: 8,
    doc: 'Tokens guessed ahead at most.',
    group: 'Model',
    unit: 'tokens',
    flag: '--draft-tokens <tokens>',
    env: 'HADAL_DRAFT_TOKENS',
  }),
  threads: setting({
    kind: optional(wholeNumber(1, 512)),
    default: undefined,
    defaultDoc: 'the physical cores this process may use',
    doc: 'CPU threads that compute.',
    group: 'Model',
    unit: 'threads',
    flag: '-t, --threads <number>',
    env: 'HADAL_THREADS',
  }),
  replicas: setting({
    kind: wholeNumberOrAuto(1, 64),
    default: 1,
    doc: 'Engine processes of the model on this machine; `auto`: as many as the load asks for, from `scaling.minReplicas` to `scaling.maxReplicas`. What is said of an engine is said of each; see docs/scale-local.md.',
    group: 'Model',
    unit: 'processes',
    flag: '--replicas <count>',
    env: 'HADAL_REPLICAS',
  }),
  gpuLayers: setting({
    kind: optional(wholeNumber(0, 10_000)),
    default: undefined,
    defaultDoc: 'all',
    doc: 'Layers kept on a GPU, when the installed library has one.',
    group: 'Model',
    unit: 'layers',
    flag: '--gpu-layers <layers>',
    env: 'HADAL_GPU_LAYERS',
  }),
  cacheDir: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: '`$XDG_CACHE_HOME/hadal`, or `~/.cache/hadal`',
    doc: 'Folder for downloaded models.',
    group: 'Model',
    unit: null,
    flag: '--cache-dir <folder>',
    env: 'HADAL_CACHE_DIR',
  }),
  offline: setting({
    kind: flag,
    default: false,
    doc: 'Never use the network to find a model.',
    group: 'Model',
    unit: null,
    flag: '--offline',
    env: 'HADAL_OFFLINE',
  }),
}
