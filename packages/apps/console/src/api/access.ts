/**
 * Access state of this page, derived from responses. Model and admin APIs have separate keys; errors show whether a key was missing,
 * invalid or expired.
 */

import { createStore, type Store } from '../store.ts'
import type { ApiError } from './api-error.ts'

export type Api = 'admin' | 'client'

/**
 * `unknown` before the first request. `wasOpen` remains set after access is lost. `elsewhere`: with
 * `adminPort` a server has two addresses, and this API is at the other.
 */
export type Access =
  | { readonly state: 'unknown' }
  | { readonly state: 'open' }
  | { readonly state: 'elsewhere' }
  | { readonly state: 'refused'; readonly error: ApiError; readonly wasOpen: boolean }

const unknown: Access = { state: 'unknown' }
const open: Access = { state: 'open' }
const elsewhere: Access = { state: 'elsewhere' }

/** An endpoint that every server has in each API: requested first. */
export const accessPaths: Readonly<Record<Api, string>> = { admin: '/hadal/console', client: '/v1/models' }

export const access: Readonly<Record<Api, Store<Access>>> = {
  admin: createStore<Access>(unknown),
  client: createStore<Access>(unknown),
}

/** Records the outcome of each response of that API. */
export function reported(api: Api, path: string, error: ApiError | undefined): void {
  const place = access[api]
  if (error === undefined) {
    if (api === 'client' || path.startsWith('/hadal/')) place.set(open)
  } else if (error.code === 'route_not_found' && path === accessPaths[api]) place.set(elsewhere)
  else if (error.needsKey) place.set((now) => ({ state: 'refused', error, wasOpen: wasOpen(now) }))
}

const wasOpen = (now: Access): boolean => now.state === 'open' || (now.state === 'refused' && now.wasOpen)
