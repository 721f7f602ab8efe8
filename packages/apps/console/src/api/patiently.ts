/** Lazily loaded parts of the console, with retries while the server is unreachable. */

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
