/**
 * How fast memory gives what is read in order: libc's `memchr` looks for a byte that is not there, on as many threads as are
 * asked for, each in memory of its own that no cache holds. The best of several goes.
 */

import koffi from 'koffi'

const bytesEach = 256 * 1024 * 1024
const goes = 7

/** Bytes per second. */
export async function readBandwidth(threads: number): Promise<number> {
  const memchr = koffi.load(null).func('void *memchr(uint8_t *memory, int value, size_t size)')
  const memories = Array.from({ length: threads }, () => Buffer.alloc(bytesEach, 1))
  const read = (memory: Buffer): Promise<void> =>
    new Promise((resolve, reject) =>
      memchr.async(memory, 0, memory.length, (error: Error | null) =>
        error === null ? resolve() : reject(error),
      ),
    )
  let best = Number.POSITIVE_INFINITY
  for (let go = 0; go < goes; go += 1) {
    const begin = performance.now()
    await Promise.all(memories.map(read))
    best = Math.min(best, performance.now() - begin)
  }
  return (threads * bytesEach) / (best / 1000)
}
