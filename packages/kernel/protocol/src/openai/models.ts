/** GET /v1/models and /v1/models/:id, with what vLLM's, llama-server's and Ollama's clients look for. */

export interface ModelCard {
  readonly id: string
  readonly object: 'model'
  /** Seconds since 1970. */
  readonly created: number
  readonly owned_by: string
  /** Of an adapter: the model that it is for. */
  readonly parent?: string
  readonly aliases: readonly string[]
  readonly tags: readonly string[]
  /** As llama-server says it where it has several models. */
  readonly status: ModelStatus
  /** What follows is known of models that are loaded. Longest prompt plus completion, under the name vLLM gives it; not of tensors. */
  readonly max_model_len?: number
  readonly capabilities?: readonly ModelCapability[]
  readonly architecture?: string
  /** llama-server's. */
  readonly meta?: {
    readonly n_vocab: number
    /** Of one request. */
    readonly n_ctx: number
    readonly n_ctx_train: number
    readonly n_embd: number
    readonly n_params: number
    /** Of the file, in bytes. */
    readonly size: number
  }
}

export interface ModelStatus {
  /** `elsewhere`: it lives in another server. */
  readonly value: 'loaded' | 'loading' | 'unloaded' | 'unloading' | 'elsewhere'
  /** It could not be loaded, or nobody answers for it. */
  readonly failed?: true
  /** No server is there for it now: requests wait until one is. */
  readonly asleep?: true
  /** Until one is likely to be there, where that is known. */
  readonly eta_seconds?: number
}

/** `vision`: it embeds images, too. */
export type ModelCapability =
  | 'completion'
  | 'chat'
  | 'insert'
  | 'embedding'
  | 'rerank'
  | 'vision'
  | 'inference'

/** As Ollama lists models, and llama-server, too. */
export interface ModelSummary {
  readonly name: string
  readonly model: string
  readonly modified_at: string
  readonly size: number
  readonly digest: string
  readonly type: 'model'
  readonly description: string
  readonly tags: readonly string[]
  readonly capabilities: readonly ModelCapability[]
  readonly parameters: string
  readonly details: {
    readonly parent_model: string
    readonly format: 'gguf' | 'onnx'
    readonly family: string
    readonly families: readonly string[]
    readonly parameter_size: string
    readonly quantization_level: string
  }
}

/**
 * The answer of `GET /v1/models`.
 *
 * @example
 * ```ts
 * import type { ModelList } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/models')
 * const answer = (await response.json()) as ModelList
 * ```
 */
export interface ModelList {
  readonly object: 'list'
  readonly data: readonly ModelCard[]
  readonly models: readonly ModelSummary[]
}
