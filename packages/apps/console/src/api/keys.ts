/**
 * The two keys that a person may have: one for models, one for administrators. Kept for this tab only, never in a cookie,
 * never in an address. Knows nothing of what they open.
 */

import { createStore, type Store } from '../store.ts'

export interface Keys {
  readonly apiKey: string
  readonly adminKey: string
}

const place = 'hadal.keys'

export const keys: Store<Keys> = createStore(read())
keys.subscribe(() => {
  try {
    sessionStorage.setItem(place, JSON.stringify(keys.get()))
  } catch {
    // A browser that keeps nothing has them until the page is closed.
  }
})

function read(): Keys {
  const none = { apiKey: '', adminKey: '' }
  try {
    return { ...none, ...JSON.parse(sessionStorage.getItem(place) ?? '{}') }
  } catch {
    return none
  }
}
