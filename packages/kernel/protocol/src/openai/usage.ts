/** Token counts of one request in OpenAI's and DeepSeek's fields. */

export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly audio_tokens: 0 }
  readonly completion_tokens_details: {
    readonly reasoning_tokens: number
    readonly audio_tokens: 0
    /** Draft tokens, accepted and rejected. */
    readonly accepted_prediction_tokens: number
    readonly rejected_prediction_tokens: number
  }
  readonly prompt_cache_hit_tokens: number
  readonly prompt_cache_miss_tokens: number
}
