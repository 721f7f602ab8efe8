/**
 * GET /props and /slots of llama-server.
 *
 * @example
 * ```ts
 * import type { Props } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/props')
 * const answer = (await response.json()) as Props
 * ```
 */

export interface Props {
  readonly default_generation_settings: {
    readonly params: Readonly<Record<string, unknown>>
    readonly n_ctx: number
  }
  readonly total_slots: number
  readonly model_alias: string
  readonly model_path: string
  readonly modalities: { readonly vision: boolean; readonly audio: boolean; readonly video: boolean }
  readonly endpoint_slots: boolean
  readonly endpoint_props: boolean
  readonly endpoint_metrics: boolean
  readonly chat_template: string
  readonly chat_template_tool_use?: string
  readonly bos_token: string
  readonly eos_token: string
  readonly build_info: string
  readonly is_sleeping: boolean
}

/**
 * The state of one slot in the response of `GET /slots`.
 *
 * @example
 * ```ts
 * import type { Slot } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/slots')
 * const busy = ((await response.json()) as Slot[]).filter((slot) => slot.is_processing).length
 * ```
 */
export interface Slot {
  readonly id: number
  readonly n_ctx: number
  readonly speculative: boolean
  readonly is_processing: boolean
  /** While it is processing. */
  readonly id_task?: string
  readonly n_prompt_tokens?: number
  readonly n_prompt_tokens_processed?: number
  readonly next_token?: readonly [{ readonly has_next_token: boolean; readonly n_decoded: number }]
}
