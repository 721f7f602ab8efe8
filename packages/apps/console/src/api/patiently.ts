/** Parts of the console that are loaded when they are needed: where the server is away then, they are when it is back. */

import { untilAnswered } from './connection.ts'

/** `lazy(patiently(() => import('./page.tsx')))`. Fails where the server answers and the part is not there: it was replaced since. */
export function patiently<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await load()
    } catch {
      await untilAnswered()
      return load()
    }
  }
}
