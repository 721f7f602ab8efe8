/**
 * A clock for clients of servers in this process: it advances by one millisecond per turn of the event loop, and a turn takes
 * at least a millisecond. So servers get the same number of turns to respond, however busy the machine is.
 */

import { setTimeout } from 'node:timers/promises'
import { ManualClock } from '@hadal/base'

export function turnClock(): ManualClock & Disposable {
  const clock = new ManualClock()
  let isOver = false
  const turn = async (): Promise<void> => {
    while (!isOver) {
      await setTimeout(1)
      clock.advance(1)
    }
  }
  void turn()
  return Object.assign(clock, {
    [Symbol.dispose]: () => {
      isOver = true
    },
  })
}
