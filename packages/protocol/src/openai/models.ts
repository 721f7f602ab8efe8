/** GET /v1/models and /v1/models/:id. */

export interface ModelCard {
  readonly id: string
  readonly object: 'model'
  /** Seconds since 1970. */
  readonly created: number
  readonly owned_by: string
  /** Longest prompt plus completion, under the name vLLM gives it. */
  readonly max_model_len: number
}

export interface ModelList {
  readonly object: 'list'
  readonly data: readonly ModelCard[]
}
