/**
 * Abort callbacks with a single listener per signal, however many wait for it: the sequences of a request share one, and Node
 * warns of a leak from the eleventh listener on.
 */

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `callback` once when `signal` aborts; not if it already has. Returns a function that unsubscribes.
 *
 * @internal
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = waiting.get(signal) ?? listenTo(signal)
  // A separate function, because the same callback may be registered twice.
  const call = (): void => callback()
  callbacks.add(call)
  return () => void callbacks.delete(call)
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  waiting.set(signal, callbacks)
  const callAll = (): void => {
    for (const call of callbacks) call()
  }
  signal.addEventListener('abort', callAll, { once: true })
  return callbacks
}
