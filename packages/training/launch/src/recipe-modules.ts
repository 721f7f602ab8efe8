/**
 * Loads what a run needs before tsx is registered, which would process each of these modules. Processes and threads that the recipe
 * starts inherit this flag; they load nothing here.
 */

import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

if (isMainThread && process.argv[1] === join(import.meta.dirname, 'recipe-main.js'))
  await import('./carry-out.ts')
