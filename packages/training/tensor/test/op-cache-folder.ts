/** Where tests keep compiled operators: one folder for all of them, so that each is compiled once on a machine. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const build = fileURLToPath(new URL('../build/', import.meta.url))

export const testCacheHome: string = join(build, 'cache')
export const testOpCache: string = join(testCacheHome, 'hadal', 'ops')
