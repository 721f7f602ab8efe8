/** Whether the server is there, and whether it can answer: told by every request, and by /ready while something is amiss. */

import { createStore, type Store } from '../store.ts'

/** `starting`: the server answers, its model is not there (yet, or again). `key`: it wants another key. */
export type Connection = 'up' | 'starting' | 'down'

export const connection: Store<Connection> = createStore<Connection>('up')

export function heard(didAnswer: boolean): void {
  if (!didAnswer) connection.set('down')
  else if (connection.get() === 'down') connection.set('up')
}
