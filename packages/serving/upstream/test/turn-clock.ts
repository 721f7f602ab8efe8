/**
 * A clock for what talks to servers in this process: it goes on by a millisecond with each turn of the event loop, and a turn takes a
 * millisecond at least. Whatever the machine is busy with, servers have so many turns to answer in.
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
