/** GET /v1/models and /v1/models/:id, including the fields used by clients of vLLM, llama-server and Ollama. */

export interface ModelCard {
  readonly id: string
  readonly object: 'model'
  /** Seconds since 1970. */
  readonly created: number
  readonly owned_by: string
  /** For an adapter: its base model. */
  readonly parent?: string
  readonly aliases: readonly string[]
  readonly tags: readonly string[]
  /** In llama-server's format for several models. */
  readonly status: ModelStatus
  /**
   * The following fields are set for loaded models. Maximum prompt plus completion, under vLLM's name; absent for tensor
   * models.
   */
  readonly max_model_len?: number
  readonly capabilities?: readonly ModelCapability[]
  readonly architecture?: string
  /** llama-server's. */
  readonly meta?: {
    readonly n_vocab: number
    /** Per request. */
    readonly n_ctx: number
    readonly n_ctx_train: number
    readonly n_embd: number
    readonly n_params: number
    /** File size in bytes. */
    readonly size: number
  }
}

export interface ModelStatus {
  /** `elsewhere`: it runs on another server. */
  readonly value: 'loaded' | 'loading' | 'unloaded' | 'unloading' | 'elsewhere'
  /** It failed to load, or no server responds for it. */
  readonly failed?: true
  /** No server is running for it now: requests wait until one is. */
  readonly asleep?: true
  /** Estimated time until one is available, if known. */
  readonly eta_seconds?: number
}

/** `vision`: it also embeds images. */
export type ModelCapability =
  | 'completion'
  | 'chat'
  | 'insert'
  | 'embedding'
  | 'rerank'
  | 'vision'
  | 'inference'

/** A model in Ollama's list format, also used by llama-server. */
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
 * The response of `GET /v1/models`.
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
