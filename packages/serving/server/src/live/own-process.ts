/** The server's own process: what it takes, and how late its event loop is. Watches the loop only while it is asked to. */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { LiveMachine } from '@hadal/protocol'

/** Milliseconds between two looks at the loop: each is told with it. */
const resolution = 10
const nanosPerMilli = 1e6

export class OwnProcess {
  #loop: IntervalHistogram | undefined

  watch(): Disposable {
    this.#loop = monitorEventLoopDelay({ resolution })
    this.#loop.enable()
    return {
      [Symbol.dispose]: () => {
        this.#loop?.disable()
        this.#loop = undefined
      },
    }
  }

  /** Since this was last asked. */
  read(): { readonly cpuMillis: number; readonly figures: Omit<LiveMachine['server'], 'cores'> } {
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    const loop = this.#loop
    const late = (nanos: number): number => Math.max(0, nanos / nanosPerMilli - resolution)
    const delays = loop !== undefined &&
      loop.count > 0 && {
        loopDelayP99Millis: late(loop.percentile(99)),
        loopDelayMaxMillis: late(loop.max),
      }
    loop?.reset()
    return {
      cpuMillis: (user + system) / 1000,
      figures: { pid: process.pid, residentBytes: rss, heapBytes: heapUsed, ...delays },
    }
  }
}
