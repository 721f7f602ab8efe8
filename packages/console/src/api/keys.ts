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
keys.subscribe(() => sessionStorage.setItem(place, JSON.stringify(keys.get())))

function read(): Keys {
  const none = { apiKey: '', adminKey: '' }
  try {
    return { ...none, ...JSON.parse(sessionStorage.getItem(place) ?? '{}') }
  } catch {
    return none
  }
}
