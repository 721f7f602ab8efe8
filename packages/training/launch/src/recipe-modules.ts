/**
 * Preloads a run's modules before tsx is registered, which would transform each of them. Processes and threads started by the
 * recipe inherit this flag; they preload nothing.
 */

import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

if (isMainThread && process.argv[1] === join(import.meta.dirname, 'recipe-main.js'))
  await import('./execute.ts')
