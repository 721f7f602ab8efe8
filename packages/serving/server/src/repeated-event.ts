/**
 * Events of a stream that differ in one text: what stands around it is written once. A stream has one such event for every
 * token, and its text is the least of it. Knows nothing of what they say.
 */

import { randomUUID } from 'node:crypto'

/** A text that nobody else can have written. */
const place = randomUUID()

/** `write` gives an event with a text in it, as JSON, exactly once. What is returned gives the same at less cost. */
export function repeatedEvent(write: (text: string) => string): (text: string) => string {
  let around: readonly string[] | undefined
  return (text) => {
    around ??= write(place).split(JSON.stringify(place))
    return around[0] + JSON.stringify(text) + around[1]
  }
}
