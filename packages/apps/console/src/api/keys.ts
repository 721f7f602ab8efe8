/** The user's two keys, for models and for administration. Stored for this tab only, never in a cookie or URL. */

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
