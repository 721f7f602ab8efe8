/**
 * An object that always has the properties of the moment: what changes while a server runs can so be handed to code that
 * reads its options at each request, and knows nothing of changes.
 */

export function liveView<T extends object>(now: () => T): T {
  return new Proxy({} as T, {
    get: (_, key) => Reflect.get(now(), key),
    has: (_, key) => Reflect.has(now(), key),
    ownKeys: () => Reflect.ownKeys(now()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(now(), key)
      return descriptor && { ...descriptor, configurable: true }
    },
  })
}
