/**
 * Looks at what passes by. A generator that only looks costs several turns of the promise queue for every item, and items are
 * tokens. Knows nothing of what flows.
 */

/** `see` is told of each item before its reader is, and must not throw. */
export function tap<T>(items: AsyncIterable<T>, see: (item: T) => void): AsyncIterable<T> {
  const seen = (result: IteratorResult<T>): IteratorResult<T> => {
    if (result.done !== true) see(result.value)
    return result
  }
  return {
    [Symbol.asyncIterator]() {
      const source = items[Symbol.asyncIterator]()
      return {
        next: () => source.next().then(seen),
        return: async () => (await source.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}
