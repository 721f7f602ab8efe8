/** The process of a job: the `hadal` command that it is given, which ends with the server that started it. */

import { main } from '../../main.ts'

/** For a command that does something on its way out. */
const goodbyeMillis = 2000

process.on('disconnect', () => {
  // What it started is of its group; whoever does not end by itself is ended.
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), goodbyeMillis).unref()
  process.kill(process.pid, 'SIGTERM')
})
// Does not keep a command that is done.
process.channel?.unref()

process.exitCode = await main(process.argv.slice(2))
