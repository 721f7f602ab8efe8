/** An object whose properties always reflect the current value, for code that reads its options on every request. */

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
