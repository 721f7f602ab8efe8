/**
 * Account checks in front of the routes: identifies the caller, admits each request that runs a model, and settles its usage when the
 * response ends, however it ends.
 */

import type { Accounts, Caller } from '@hadal/accounts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Call } from './answer/answer-call.ts'
import { createGatekeeper, estimateTokens } from './gatekeeper.ts'
import { usageOf } from './observability/access-facts.ts'
import type { RequestDefaults } from './request-defaults.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key's owner, if the key has an account. */
    caller?: Caller
  }
}

export interface AccountGate {
  /** Throws what `Accounts.identify` throws. */
  identify(request: FastifyRequest): Promise<void>
  /** Throws `model_forbidden` if the caller's key may not use the model. */
  checkModel(request: FastifyRequest, model: string): void
  /** Throws what `Accounts.admit` throws. Keys from the config have no limits. */
  admit(
    call: Pick<Call, 'request' | 'reply' | 'generates'>,
    model: string,
    /** Only for bodies that are not JSON. */
    bodyBytes?: number,
  ): Promise<void>
}

export interface AccountGateOptions {
  /** Read on every request. */
  readonly defaults: Pick<RequestDefaults, 'maxTokens'>
  /** Weights per client for the engines' fair scheduling; callers' weights are added here. */
  readonly clientWeights: Record<string, number>
}

/** Default maximum response length in tokens, if neither the request nor the server sets one. */
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
        ? requestedLength(request.body, defaults.maxTokens ?? defaultMaxTokens)
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

/** Body size in bytes; a chunked body counts as re-serialized. */
function bytesOf({ headers, body }: FastifyRequest): number {
  const length = Number(headers['content-length'])
  return Number.isFinite(length) ? length : Buffer.byteLength(JSON.stringify(body) ?? '')
}

const lengthFields = ['max_completion_tokens', 'max_tokens', 'max_output_tokens', 'n_predict'] as const
const choiceFields = ['n', 'best_of', 'n_cmpl'] as const

/**
 * Runs before validation, so non-numbers are ignored here and rejected later. Which field applies depends on the dialect; the largest is
 * used.
 */
function requestedLength(
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

/** A list of texts or of token lists: each is a prompt. */
const promptsOf = (prompt: unknown): number =>
  Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
