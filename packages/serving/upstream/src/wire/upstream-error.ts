/**
 * Extracts the message of an error response in the formats of vLLM, SGLang, llama-server, Ollama, DeepSeek, OpenAI, Anthropic,
 * FastAPI or a proxy. Credentials are removed: some servers echo the key.
 */

import { isPlainObject } from '@hadal/base'

export interface UpstreamComplaint {
  readonly message: string
  readonly param: string | undefined
  /** llama-server's fields that clients use to shorten their prompts. */
  readonly facts: Readonly<Record<string, number>> | undefined
}

const longestMessage = 600

export function complaintOf(status: number, text: string, secrets: readonly string[]): UpstreamComplaint {
  const body = parsed(text)
  const error = isPlainObject(body) ? (body.error ?? body) : undefined
  const message = messageIn(error) ?? plainText(text) ?? `it answered with status ${status}`
  const param = isPlainObject(error) && typeof error.param === 'string' ? error.param : undefined
  return { message: withoutSecrets(message, secrets).slice(0, longestMessage), param, facts: factsIn(error) }
}

function messageIn(error: unknown): string | undefined {
  if (typeof error === 'string') return nonEmpty(error)
  if (!isPlainObject(error)) return undefined
  const { message, detail, msg } = error
  if (typeof message === 'string') return nonEmpty(message)
  if (typeof detail === 'string') return nonEmpty(detail)
  // FastAPI's list of validation errors.
  if (Array.isArray(detail)) return nonEmpty(detail.map(issueOf).join('; '))
  return typeof msg === 'string' ? nonEmpty(msg) : messageIn(detail)
}

function issueOf(issue: unknown): string {
  if (!isPlainObject(issue)) return String(issue)
  const place = Array.isArray(issue.loc) ? issue.loc.filter((part) => part !== 'body').join('.') : ''
  return `${place === '' ? '' : `${place}: `}${String(issue.msg ?? 'is wrong')}`
}

function factsIn(error: unknown): Record<string, number> | undefined {
  if (!isPlainObject(error)) return undefined
  const { n_prompt_tokens: promptTokens, n_ctx: contextLength } = error
  return typeof promptTokens === 'number' && typeof contextLength === 'number'
    ? { promptTokens, contextLength }
    : undefined
}

/** For a proxy's page: removes HTML tags. */
function plainText(text: string): string | undefined {
  const plain = text
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return /^[[{]/.test(plain) ? undefined : nonEmpty(plain)
}

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***')
  return clean.replace(/\b(Bearer\s+|sk-)[\w.~+/=*-]{4,}/gi, '$1***')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const nonEmpty = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())
