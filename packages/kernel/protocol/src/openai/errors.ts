/**
 * The body of every error response, and of the last event of a failed stream.
 *
 * @example
 * ```ts
 * import type { ErrorBody } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/completions', { method: 'POST', body: 'not json' })
 * const { error } = (await response.json()) as ErrorBody
 * console.error(error.code, error.message)
 * ```
 */

export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
    /** llama-server's, for a prompt that is too long. */
    readonly n_prompt_tokens?: number
    readonly n_ctx?: number
  }
}
