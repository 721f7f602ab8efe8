/**
 * Keys with limits in front of the routes: who asks is written on the request, each request that asks a model is admitted
 * first, and what it came to is settled when its answer is over, however that was.
 */

import type { Accounts, Caller } from '@hadal/accounts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Call } from './answer/answer-call.ts'
import { createGatekeeper, estimateTokens } from './gatekeeper.ts'
import { usageOf } from './observability/access-facts.ts'
import type { RequestDefaults } from './request-defaults.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose key it has, where keys have accounts. */
    caller?: Caller
  }
}

export interface AccountGate {
  /** Throws what `Accounts.identify` throws. */
  identify(request: FastifyRequest): Promise<void>
  /** Throws `model_forbidden` where the caller's key may not use it. */
  checkModel(request: FastifyRequest, model: string): void
  /** Throws what `Accounts.admit` throws. A key of the config has no limits. */
  admit(
    call: Pick<Call, 'request' | 'reply' | 'generates'>,
    model: string,
    /** Of a body that is not JSON alone. */
    bodyBytes?: number,
  ): Promise<void>
}

export interface AccountGateOptions {
  /** Read at each request. */
  readonly defaults: Pick<RequestDefaults, 'maxTokens'>
  /** Shares of clients, for the engines: those of callers are written here. */
  readonly clientWeights: Record<string, number>
}

/** The most that an answer may have where neither it nor the server says. */
const defaultMaxTokens = 4096

export function accountGate(
  accounts: Accounts,
  { defaults, clientWeights }: AccountGateOptions,
): AccountGate {
  const gatekeeper = createGatekeeper(accounts)
  return {
    async identify(request) {
      const caller = await gatekeeper.identify(request.headers)
      request.caller = caller
      if (request.record !== null && request.record !== undefined) request.record.client = caller.name
      if (caller.weight === undefined) delete clientWeights[caller.id]
      else clientWeights[caller.id] = caller.weight
    },
    checkModel({ caller }, model) {
      if (caller !== undefined) accounts.checkModel(caller, model)
    },
    async admit({ request, reply, generates }, model, given) {
      const { caller } = request
      if (caller === undefined) return
      const bodyBytes = given ?? bytesOf(request)
      const length = generates
        ? askedLength(request.body, defaults.maxTokens ?? defaultMaxTokens)
        : { maxTokens: 0 }
      const admission = await gatekeeper.admit(caller, { id: request.id, model, bodyBytes, ...length })
      reply.headers(admission.headers)
      whenOver(reply, () => {
        const { promptTokens, cachedTokens = 0, completionTokens = 0 } = spent(request)
        if (promptTokens !== undefined || completionTokens > 0)
          admission.settle({
            promptTokens: promptTokens ?? estimateTokens(bodyBytes),
            cachedTokens,
            completionTokens,
          })
        admission[Symbol.dispose]()
      })
    },
  }
}

const spent = ({ record }: FastifyRequest): ReturnType<typeof usageOf> =>
  record === null || record === undefined ? {} : usageOf(record)

function whenOver({ raw }: FastifyReply, settle: () => void): void {
  if (raw.destroyed) settle()
  else raw.once('close', settle)
}

/** Of the body; of one in chunks as it would be written again. */
function bytesOf({ headers, body }: FastifyRequest): number {
  const length = Number(headers['content-length'])
  return Number.isFinite(length) ? length : Buffer.byteLength(JSON.stringify(body) ?? '')
}

const lengthFields = ['max_completion_tokens', 'max_tokens', 'max_output_tokens', 'n_predict'] as const
const choiceFields = ['n', 'best_of', 'n_cmpl'] as const

/**
 * Before anybody has read the body: what is no number there is refused later. Which of several fields counts depends on the
 * dialect, so the largest does.
 */
function askedLength(
  body: unknown,
  otherwise: number,
): { readonly maxTokens: number; readonly choices: number } {
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>
  const lengths = lengthFields.map((name) => fields[name]).filter(isCount)
  const choices = choiceFields.map((name) => fields[name]).filter(isCount)
  return {
    maxTokens: lengths.length === 0 ? otherwise : Math.max(...lengths),
    choices: Math.max(1, ...choices) * promptsOf(fields.prompt),
  }
}

/** Of a list of texts, or of lists of tokens, each is continued. */
const promptsOf = (prompt: unknown): number =>
  Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
