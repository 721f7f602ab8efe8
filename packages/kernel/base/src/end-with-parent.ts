/** Ends a process when its parent is gone, however that ended. */

import { Worker } from 'node:worker_threads'

/**
 * Ends this process, which must have a channel to its parent and lead a process group, when the parent is gone: SIGTERM to
 * itself, and after `goodbyeMillis`, for cleanup, SIGKILL to the group. Does not keep the process alive.
 *
 * @internal
 */
export function endWithParent(goodbyeMillis: number): void {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
  // On a separate thread, because the process may compute for a minute without handling events.
  const watch = `
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) setTimeout(() => process.kill(-process.pid, 'SIGKILL'), ${goodbyeMillis})
}, 1000)`
  new Worker(watch, { eval: true, execArgv: [] }).unref()
}
