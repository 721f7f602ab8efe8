/** The process of a job: the `hadal` command that it is given, which ends with the server that started it. */

import { Worker } from 'node:worker_threads'
import { main } from '../../main.ts'

/** For a command that does something on its way out. */
const goodbyeMillis = 2000

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
// Does not keep a command that is done.
process.channel?.unref()

// A thread of its own, for a command may compute for a minute and hear nothing meanwhile. It ends the whole group.
const watch = `
const server = process.ppid
setInterval(() => {
  if (process.ppid !== server) setTimeout(() => process.kill(-process.pid, 'SIGKILL'), ${goodbyeMillis})
}, 1000)`
new Worker(watch, { eval: true, execArgv: [] }).unref()

process.exitCode = await main(process.argv.slice(2))
