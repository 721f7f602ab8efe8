/**
 * Waits until what nothing holds any more is collected and its tensors are freed: what is counted before and after something then
 * differs by that alone, and not by when the collector came by.
 */

import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

export async function collected(): Promise<void> {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  // Finalizers run after the collection, and may let go of more.
  for (let times = 0; times < 3; times += 1) {
    collect()
    await setImmediate()
  }
}
