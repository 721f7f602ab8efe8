/**
 * Requests to the server that served this page, with the stored keys. Every failure is an `ApiError`. Updates connection.ts and access.ts.
 */

import { reported } from './access.ts'
import { ApiError, apiErrorOf } from './api-error.ts'
import { heard } from './connection.ts'
import { keys } from './keys.ts'

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** `client`: the API key, or else the admin key, which opens models, too. */
  readonly as?: 'admin' | 'client'
}

/** Throws `ApiError`, and `AbortError` when `signal` aborts. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const {
    method = options.body === undefined ? 'GET' : 'POST',
    body,
    signal,
    headers = {},
    as = 'admin',
  } = options
  const { apiKey, adminKey } = keys.get()
  const key = as === 'admin' ? adminKey || apiKey : apiKey || adminKey
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== '' && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    heard(false)
    throw new ApiError(0, 'unreachable', 'The server is unreachable.')
  }
  heard(true, response.status)
  const error = response.ok
    ? undefined
    : apiErrorOf(response.status, await response.json().catch(() => undefined), response.headers)
  reported(as, path, error)
  if (error !== undefined) throw error
  return response
}

export async function getJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options)
  return (await response.json()) as T
}
