/** Checks access on load, and validates a new key before it replaces another. */

import { createStore, type Store } from '../store.ts'
import { type Api, access, accessPaths } from './access.ts'
import { ApiError } from './api-error.ts'
import { keys } from './keys.ts'
import { getJson } from './request.ts'

/** GET /hadal/console: what administrators of this server find. */
export interface ServerFacts {
  readonly version: string
  readonly operations: readonly string[]
}

/** Once an administrator's question was answered. */
export const serverFacts: Store<ServerFacts | undefined> = createStore<ServerFacts | undefined>(undefined)

/** Asks with the keys there are; access.ts knows the answer. */
export async function askForAccess(api: Api): Promise<void> {
  try {
    const said = await getJson<ServerFacts>(accessPaths[api], { as: api })
    if (api === 'admin') serverFacts.set(said)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}

/** Stores the key if the server accepts it. Otherwise keeps the previous key and returns the server's error. */
export async function tryKey(api: Api, key: string): Promise<ApiError | undefined> {
  // Nothing else can stand in a header; the browser would fail as if there were no server.
  if (!/^[\x21-\x7e]+$/.test(key))
    return new ApiError(401, 'key_malformed', 'A key can contain only printable ASCII characters.')
  try {
    const headers = { authorization: `Bearer ${key}` }
    const said = await getJson<ServerFacts>(accessPaths[api], { as: api, headers })
    if (api === 'admin') serverFacts.set(said)
    keys.set((now) => ({ ...now, [api === 'admin' ? 'adminKey' : 'apiKey']: key }))
    return undefined
  } catch (error) {
    return error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error))
  }
}

/** Forgets both keys; access must be checked again. */
export function forgetKeys(): void {
  keys.set({ apiKey: '', adminKey: '' })
  serverFacts.set(undefined)
  for (const api of ['admin', 'client'] as const) access[api].set({ state: 'unknown' })
}
