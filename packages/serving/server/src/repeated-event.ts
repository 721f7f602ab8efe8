/** Preserializes stream events that differ in a single text. A stream has one such event per token, and most of it is boilerplate. */

import { randomUUID } from 'node:crypto'

/** Placeholder for the text; random, so it cannot collide with content. */
const place = randomUUID()

/** `write` must contain the JSON text exactly once. The returned function is equivalent but cheaper. */
export function repeatedEvent(write: (text: string) => string): (text: string) => string {
  let around: readonly string[] | undefined
  return (text) => {
    around ??= write(place).split(JSON.stringify(place))
    return around[0] + JSON.stringify(text) + around[1]
  }
}
