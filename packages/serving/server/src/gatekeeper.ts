/**
 * Between a request and the accounts: whose key its headers name, what it may come to, and how it waits among others. Knows
 * neither routes nor dialects.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { Accounts, Admission, Caller } from '@hadal/accounts'
import type { Scheduling } from '@hadal/engine'
import { givenKey } from './api-keys.ts'

export interface GuardedRequest {
  readonly id: string
  readonly model: string
  /** Of the whole body, as it came. */
  readonly bodyBytes: number
  /** The most that each of its answers may have, by what the request or else the server says. */
  readonly maxTokens: number
  /** Answers that are asked for; 1 where nothing is said. */
  readonly choices?: number
}

export interface Gatekeeper {
  /** Throws what `Accounts.identify` throws. */
  identify(headers: IncomingHttpHeaders): Promise<Caller>
  /** Throws what `Accounts.admit` throws. Whoever got an admission disposes of it. */
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

/** English has four bytes to a token, JSON around it more; most other languages two to three. What it really is, is settled later. */
const bytesPerToken = 3

/** Of the prompt in a body of so many bytes, before anybody has read it. */
export function estimateTokens(bodyBytes: number): number {
  return Math.ceil(bodyBytes / bytesPerToken)
}

/** As a key has it: a request may ask for less urgency, never for more. */
export function schedulingOfCaller({ id, priority = 0 }: Caller, said: Scheduling): Scheduling {
  return { ...said, client: id, priority: Math.max(priority, said.priority ?? priority) }
}
