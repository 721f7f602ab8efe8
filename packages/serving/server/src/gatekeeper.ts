/** Connects requests to accounts: identifies the key from headers, estimates the cost, and sets the scheduling class. */

import type { IncomingHttpHeaders } from 'node:http'
import type { Accounts, Admission, Caller } from '@hadal/accounts'
import type { Scheduling } from '@hadal/engine'
import { givenKey } from './api-keys.ts'

export interface GuardedRequest {
  readonly id: string
  readonly model: string
  /** Bytes of the whole request body. */
  readonly bodyBytes: number
  /** Maximum tokens per response, from the request or the server default. */
  readonly maxTokens: number
  /** Number of requested choices; default 1. */
  readonly choices?: number
}

export interface Gatekeeper {
  /** Throws what `Accounts.identify` throws. */
  identify(headers: IncomingHttpHeaders): Promise<Caller>
  /** Throws what `Accounts.admit` throws. The caller disposes of the admission. */
  admit(caller: Caller, request: GuardedRequest): Promise<Admission>
}

export function createGatekeeper(accounts: Accounts): Gatekeeper {
  return {
    identify: (headers) => accounts.identify(givenKey(headers)),
    admit: (caller, { id, model, bodyBytes, maxTokens, choices = 1 }) =>
      accounts.admit(caller, {
        id,
        model,
        promptTokens: estimateTokens(bodyBytes),
        maxTokens: maxTokens * choices,
      }),
  }
}

/**
 * English has about four bytes per token and the JSON around it more; most other languages have two to three. The exact count is settled
 * afterwards.
 */
const bytesPerToken = 3

/** Estimates prompt tokens from the body size, before the body is parsed. */
export function estimateTokens(bodyBytes: number): number {
  return Math.ceil(bodyBytes / bytesPerToken)
}

/** The key's priority is the upper bound: a request may lower it but not raise it. */
export function schedulingOfCaller({ id, priority = 0 }: Caller, said: Scheduling): Scheduling {
  return { ...said, client: id, priority: Math.max(priority, said.priority ?? priority) }
}
