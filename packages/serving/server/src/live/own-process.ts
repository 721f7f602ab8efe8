/** Resource use of the server process and its event-loop delay. Monitors the loop only while requested. */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { LiveMachine } from '@hadal/protocol'

/** Sampling interval in milliseconds; it is included in each measured delay. */
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

  /** Since the previous read. */
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
