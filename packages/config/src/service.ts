/**
 * The settings of a service: the one table that the config file, the environment, the flags of `hadal serve` and
 * docs/config.md are made from. Knows nothing of what reads them.
 */

import { type AdapterSetting, adapterId, adapterSettings } from './adapter-setting.ts'
import { bytes, flag, micros, millis, number, oneOf, optional, text, texts, wholeNumber } from './kinds.ts'
import { type SettingsTable, setting } from './setting.ts'

/** Every setting with its value. Each comment is the row's `doc`; a test compares them. */
export interface Service {
  /** The model to serve: `nano` (bundled), a path to a GGUF file, `hf:owner/repo:quant`, or an https URL. */
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
  /** Layers kept on a GPU, when the installed library has one. */
  readonly gpuLayers: number | undefined
  /** Folder for downloaded models. */
  readonly cacheDir: string | undefined
  /** Never use the network to find a model. */
  readonly offline: boolean
  /** Address to listen on. Anything but this machine itself should have `apiKeys`. */
  readonly host: string
  /** Port to listen on, by default the one llama-server has, too; 0 picks a free one. */
  readonly port: number
  /** Keys of which clients must send one as `Authorization: Bearer`. None means everybody is let in. */
  readonly apiKeys: readonly string[]
  /** Origins of web pages that may call, such as `https://chat.example`; `localhost` for those of this machine, `*` for all. */
  readonly corsOrigins: readonly string[] | undefined
  /** Largest request body. */
  readonly bodyLimitBytes: number
  /** Sequences that generate at the same time, in one batch. */
  readonly maxBatchSize: number
  /** Tokens computed in one engine step, prompts and new ones together. Smaller bounds the time between tokens; larger reads prompts faster. */
  readonly maxBatchTokens: number
  /** Prompt tokens computed in one step while other sequences generate: bounds how long a new prompt delays their next token. */
  readonly maxPrefillTokensBesideDecodes: number
  /** How long an idle engine waits for more requests to share the first step with. Running sequences are never delayed. */
  readonly timeoutMicros: number
  /** Requests that may wait for a place in the batch; one more is answered 429. */
  readonly maxQueue: number
  /** How long the engine may have work and say nothing before it is taken for hung and started again; a large model gets more. */
  readonly stallTimeoutMillis: number
  /** Of requests that say nothing, as all of this group: how random the choice of tokens is; 0 always takes the likeliest. */
  readonly temperature: number | undefined
  /** Only so many of the likeliest tokens can be chosen; 0 turns it off. */
  readonly topK: number | undefined
  /** Only the likeliest tokens that make up this probability can be chosen; 1 turns it off. */
  readonly topP: number | undefined
  /** Only tokens can be chosen that are at least so likely, relative to the likeliest; 0 turns it off. */
  readonly minP: number | undefined
  /** How much less likely tokens become that came before; 1 turns it off. */
  readonly repeatPenalty: number | undefined
  /** What is taken from the logits of tokens that came before. */
  readonly presencePenalty: number | undefined
  /** The same for each time they came. */
  readonly frequencyPenalty: number | undefined
  /** Where chance begins: requests with the same seed get the same text. */
  readonly seed: number | undefined
  /** Longest answer of requests that do not say how long it may be. */
  readonly maxTokens: number | undefined
  /** Refuse requests with fields that are not known here, instead of naming them in a header. */
  readonly strictParameters: boolean
  /** Whether `GET /slots` says what is being generated. */
  readonly slots: boolean
  /** Clients may load and unload LoRA adapters: every client can then read the files that this process can. */
  readonly adapterChanges: boolean
  /** How long running requests may go on after SIGTERM. */
  readonly drainTimeoutMillis: number
  /** Least severe log line that is printed. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

export const serviceSettings: SettingsTable<Service> = {
  model: setting({
    kind: text,
    default: 'nano',
    doc: 'The model to serve: `nano` (bundled), a path to a GGUF file, `hf:owner/repo:quant`, or an https URL.',
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
  host: setting({
    kind: text,
    default: '127.0.0.1',
    doc: 'Address to listen on. Anything but this machine itself should have `apiKeys`.',
    group: 'Network',
    unit: null,
    flag: '--host <address>',
    env: 'HADAL_HOST',
  }),
  port: setting({
    kind: wholeNumber(0, 65_535),
    default: 8080,
    doc: 'Port to listen on, by default the one llama-server has, too; 0 picks a free one.',
    group: 'Network',
    unit: null,
    flag: '-p, --port <number>',
    env: 'HADAL_PORT',
  }),
  apiKeys: setting({
    kind: texts,
    default: [],
    doc: 'Keys of which clients must send one as `Authorization: Bearer`. None means everybody is let in.',
    group: 'Network',
    unit: null,
    flag: '--api-keys <list>',
    env: 'HADAL_API_KEYS',
    secret: true,
  }),
  corsOrigins: setting({
    kind: optional(texts),
    default: undefined,
    defaultDoc: 'none; where `apiKeys` are asked for, all',
    doc: 'Origins of web pages that may call, such as `https://chat.example`; `localhost` for those of this machine, `*` for all.',
    group: 'Network',
    unit: null,
    flag: '--cors-origins <list>',
    env: 'HADAL_CORS_ORIGINS',
  }),
  bodyLimitBytes: setting({
    kind: bytes,
    default: 4 * 1024 * 1024,
    defaultDoc: '4MiB',
    doc: 'Largest request body.',
    group: 'Network',
    unit: 'bytes',
    flag: '--body-limit <size>',
    env: 'HADAL_BODY_LIMIT_BYTES',
  }),
  maxBatchSize: setting({
    kind: wholeNumber(1, 256),
    default: 16,
    doc: 'Sequences that generate at the same time, in one batch.',
    group: 'Batching',
    unit: 'sequences',
    flag: '--max-batch-size <sequences>',
    env: 'HADAL_MAX_BATCH_SIZE',
  }),
  maxBatchTokens: setting({
    kind: wholeNumber(1, 2048),
    default: 512,
    doc: 'Tokens computed in one engine step, prompts and new ones together. Smaller bounds the time between tokens; larger reads prompts faster.',
    group: 'Batching',
    unit: 'tokens',
    flag: '--max-batch-tokens <tokens>',
    env: 'HADAL_MAX_BATCH_TOKENS',
  }),
  maxPrefillTokensBesideDecodes: setting({
    kind: wholeNumber(1, 2048),
    default: 128,
    doc: 'Prompt tokens computed in one step while other sequences generate: bounds how long a new prompt delays their next token.',
    group: 'Batching',
    unit: 'tokens',
    flag: null,
    env: 'HADAL_MAX_PREFILL_TOKENS_BESIDE_DECODES',
  }),
  timeoutMicros: setting({
    kind: micros,
    default: 0,
    doc: 'How long an idle engine waits for more requests to share the first step with. Running sequences are never delayed.',
    group: 'Batching',
    unit: 'microseconds',
    flag: '--timeout-micros <duration>',
    env: 'HADAL_TIMEOUT_MICROS',
  }),
  maxQueue: setting({
    kind: wholeNumber(0, 1_000_000),
    default: 256,
    doc: 'Requests that may wait for a place in the batch; one more is answered 429.',
    group: 'Batching',
    unit: 'requests',
    flag: '--max-queue <requests>',
    env: 'HADAL_MAX_QUEUE',
  }),
  stallTimeoutMillis: setting({
    kind: millis,
    default: 120_000,
    doc: 'How long the engine may have work and say nothing before it is taken for hung and started again; a large model gets more.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--stall-timeout <duration>',
    env: 'HADAL_STALL_TIMEOUT_MILLIS',
  }),
  temperature: setting({
    kind: optional(number(0, 100)),
    default: undefined,
    defaultDoc: '0.8',
    doc: 'Of requests that say nothing, as all of this group: how random the choice of tokens is; 0 always takes the likeliest.',
    group: 'Requests',
    unit: null,
    flag: '--temperature <number>',
    env: 'HADAL_TEMPERATURE',
  }),
  topK: setting({
    kind: optional(wholeNumber(0, 2_147_483_647)),
    default: undefined,
    defaultDoc: '40',
    doc: 'Only so many of the likeliest tokens can be chosen; 0 turns it off.',
    group: 'Requests',
    unit: 'tokens',
    flag: '--top-k <number>',
    env: 'HADAL_TOP_K',
  }),
  topP: setting({
    kind: optional(number(0, 1)),
    default: undefined,
    defaultDoc: '0.95',
    doc: 'Only the likeliest tokens that make up this probability can be chosen; 1 turns it off.',
    group: 'Requests',
    unit: null,
    flag: '--top-p <number>',
    env: 'HADAL_TOP_P',
  }),
  minP: setting({
    kind: optional(number(0, 1)),
    default: undefined,
    defaultDoc: '0.05',
    doc: 'Only tokens can be chosen that are at least so likely, relative to the likeliest; 0 turns it off.',
    group: 'Requests',
    unit: null,
    flag: '--min-p <number>',
    env: 'HADAL_MIN_P',
  }),
  repeatPenalty: setting({
    kind: optional(number(0.01, 10)),
    default: undefined,
    defaultDoc: '1',
    doc: 'How much less likely tokens become that came before; 1 turns it off.',
    group: 'Requests',
    unit: null,
    flag: '--repeat-penalty <number>',
    env: 'HADAL_REPEAT_PENALTY',
  }),
  presencePenalty: setting({
    kind: optional(number(-2, 2)),
    default: undefined,
    defaultDoc: '0',
    doc: 'What is taken from the logits of tokens that came before.',
    group: 'Requests',
    unit: null,
    flag: '--presence-penalty <number>',
    env: 'HADAL_PRESENCE_PENALTY',
  }),
  frequencyPenalty: setting({
    kind: optional(number(-2, 2)),
    default: undefined,
    defaultDoc: '0',
    doc: 'The same for each time they came.',
    group: 'Requests',
    unit: null,
    flag: '--frequency-penalty <number>',
    env: 'HADAL_FREQUENCY_PENALTY',
  }),
  seed: setting({
    kind: optional(wholeNumber(0, 4_294_967_295)),
    default: undefined,
    defaultDoc: 'a fresh one for each request',
    doc: 'Where chance begins: requests with the same seed get the same text.',
    group: 'Requests',
    unit: null,
    flag: '--seed <number>',
    env: 'HADAL_SEED',
  }),
  maxTokens: setting({
    kind: optional(wholeNumber(1, 16_777_216)),
    default: undefined,
    defaultDoc: 'what the API or the context allows',
    doc: 'Longest answer of requests that do not say how long it may be.',
    group: 'Requests',
    unit: 'tokens',
    flag: '--max-tokens <tokens>',
    env: 'HADAL_MAX_TOKENS',
  }),
  strictParameters: setting({
    kind: flag,
    default: false,
    doc: 'Refuse requests with fields that are not known here, instead of naming them in a header.',
    group: 'Requests',
    unit: null,
    flag: '--strict-parameters',
    env: 'HADAL_STRICT_PARAMETERS',
  }),
  slots: setting({
    kind: flag,
    default: true,
    doc: 'Whether `GET /slots` says what is being generated.',
    group: 'Operation',
    unit: null,
    flag: '--slots <boolean>',
    env: 'HADAL_SLOTS',
  }),
  adapterChanges: setting({
    kind: flag,
    default: false,
    doc: 'Clients may load and unload LoRA adapters: every client can then read the files that this process can.',
    group: 'Operation',
    unit: null,
    flag: '--adapter-changes',
    env: 'HADAL_ADAPTER_CHANGES',
  }),
  drainTimeoutMillis: setting({
    kind: millis,
    default: 30_000,
    defaultDoc: '30s',
    doc: 'How long running requests may go on after SIGTERM.',
    group: 'Operation',
    unit: 'milliseconds',
    flag: '--drain-timeout <duration>',
    env: 'HADAL_DRAIN_TIMEOUT_MILLIS',
  }),
  logLevel: setting({
    kind: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
    doc: 'Least severe log line that is printed.',
    group: 'Operation',
    unit: null,
    flag: '--log-level <level>',
    env: 'HADAL_LOG_LEVEL',
  }),
}

/** What no single setting can see. */
export function checkService(service: Service): string[] {
  const { maxBatchTokens, maxBatchSize, adapters } = service
  const faults: string[] = []
  if (maxBatchTokens < maxBatchSize)
    faults.push(
      `maxBatchTokens (${maxBatchTokens}) is less than maxBatchSize (${maxBatchSize}): a step must hold one token of every sequence`,
    )
  const ids = adapters.map(adapterId)
  for (const id of new Set(ids.filter((each, at) => ids.indexOf(each) !== at)))
    faults.push(`two adapters are called ${JSON.stringify(id)}: give one of them another id`)
  return faults
}
