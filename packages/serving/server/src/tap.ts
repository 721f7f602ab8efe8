/** Observes an async iterable. A generator would cost several microtasks per item, and items are tokens. */

/** `see` is called with each item before the reader gets it, and must not throw. */
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
