/**
 * Whether the server lets this page in: told by its answers. There are two doors, one for models and one for administrators;
 * what is asked behind them says which key was missing, wrong or expired.
 */

import { createStore, type Store } from '../store.ts'
import type { ApiError } from './api-error.ts'

export type Door = 'admin' | 'client'

/** `unknown` until something was asked. What was let in once and is not any more keeps `wasOpen`. */
export type Access =
  | { readonly state: 'unknown' }
  | { readonly state: 'open' }
  | { readonly state: 'refused'; readonly error: ApiError; readonly wasOpen: boolean }

const unknown: Access = { state: 'unknown' }
const open: Access = { state: 'open' }

export const access: Readonly<Record<Door, Store<Access>>> = {
  admin: createStore<Access>(unknown),
  client: createStore<Access>(unknown),
}

/** Of each answer to a question at that door. */
export function told(door: Door, path: string, error: ApiError | undefined): void {
  const place = access[door]
  if (error === undefined) {
    if (door === 'client' || path.startsWith('/hadal/')) place.set(open)
  } else if (error.needsKey) place.set((now) => ({ state: 'refused', error, wasOpen: wasOpen(now) }))
}

const wasOpen = (now: Access): boolean => now.state === 'open' || (now.state === 'refused' && now.wasOpen)
