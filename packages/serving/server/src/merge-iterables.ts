/**
 * Merges async iterables in arrival order. Each source is pulled only after its last item was consumed, so a slow consumer applies
 * back-pressure to all.
 */

export async function* mergeIterables<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  type Arrival = { iterator: AsyncIterator<T>; result: IteratorResult<T> } | { error: unknown }
  const arrived: Arrival[] = []
  let wake = (): void => {}
  const arrive = (arrival: Arrival): void => {
    arrived.push(arrival)
    wake()
  }
  const ask = (iterator: AsyncIterator<T>): void => {
    iterator.next().then(
      (result) => arrive({ iterator, result }),
      (error: unknown) => arrive({ error }),
    )
  }
  const open = new Set(sources.map((source) => source[Symbol.asyncIterator]()))
  for (const iterator of open) ask(iterator)
  try {
    while (open.size > 0) {
      if (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      for (let next = arrived.shift(); next !== undefined; next = arrived.shift()) {
        if ('error' in next) throw next.error
        if (next.result.done === true) open.delete(next.iterator)
        else {
          yield next.result.value
          ask(next.iterator)
        }
      }
    }
  } finally {
    // Not awaited: a generator blocked on its next item settles `return` only after that item.
    for (const iterator of open) iterator.return?.().catch(() => {})
  }
}
