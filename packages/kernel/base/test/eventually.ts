/** Waits for a condition in tests. The limit ends a hang; it is far beyond what a busy machine needs. */

const limitMillis = 300_000
const intervalMillis = 10

/** Calls `check` until it no longer throws, and returns its result. Rethrows its last error after the limit. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const begin = performance.now()
  for (;;) {
    try {
      return await check()
    } catch (thrown) {
      if (performance.now() - begin > limitMillis) throw thrown
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMillis))
  }
}
