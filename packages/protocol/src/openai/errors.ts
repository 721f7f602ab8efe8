/** The body of every answer that is an error, and of the last event of a stream that failed. */

export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
    /** llama-server's, of a prompt that is too long. */
    readonly n_prompt_tokens?: number
    readonly n_ctx?: number
  }
}
