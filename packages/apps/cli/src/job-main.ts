/** The process of a job: the `hadal` command that it is given, which ends with the server that started it. */

import { endWithParent } from '@hadal/base'
import { main } from './main.ts'

/** For a command that does something on its way out. */
const goodbyeMillis = 2000

endWithParent(goodbyeMillis)
process.exitCode = await main(process.argv.slice(2))
