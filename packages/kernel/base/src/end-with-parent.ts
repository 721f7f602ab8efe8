/** A process that does not outlive the one that started it, however that ended. Knows nothing of what it does. */

import { Worker } from 'node:worker_threads'

/**
 * Ends this process, which has a channel to its parent and leads a group, when the parent is gone: SIGTERM to itself, and after
 * `goodbyeMillis`, for what is done on the way out, SIGKILL to the group. Does not keep a process that is done.
 *
 * @internal
 */
export function endWithParent(goodbyeMillis: number): void {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
  // A thread of its own, for a process may compute for a minute and hear nothing meanwhile.
  const watch = `
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) setTimeout(() => process.kill(-process.pid, 'SIGKILL'), ${goodbyeMillis})
}, 1000)`
  new Worker(watch, { eval: true, execArgv: [] }).unref()
}
