/** Input of code generation: the request, and the fields that OpenAI's SDKs know. */

import type { RequestBody } from '../request-body.ts'

export interface CodeRequest {
  /** Origin of the server: `http://127.0.0.1:8080`. */
  readonly origin: string
  readonly body: RequestBody
  readonly isStreamed: boolean
}

/** Parameters that OpenAI's SDKs have no name for: they pass them on as extra ones. */
export function apart(body: RequestBody): { known: Record<string, unknown>; extra: Record<string, unknown> } {
  const known: Record<string, unknown> = {}
  const extra: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue
    const isKnown = ofOpenai.has(name) && !(name === 'response_format' && isOurs(value))
    ;(isKnown ? known : extra)[name] = value
  }
  return { known, extra }
}

const ofOpenai = new Set([
  'model',
  'messages',
  'max_tokens',
  'stop',
  'n',
  'temperature',
  'top_p',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'reasoning_effort',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'response_format',
  'tools',
  'tool_choice',
])

const isOurs = (format: unknown): boolean =>
  ['regex', 'grammar'].includes((format as { readonly type: string }).type)
