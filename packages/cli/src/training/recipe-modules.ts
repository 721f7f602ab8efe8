/**
 * What a run needs, loaded before tsx comes, which would look at each of a thousand modules: a recipe starts in half the time. What
 * the recipe starts itself inherits these flags, and not the modules.
 */

import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

if (isMainThread && process.argv[1] === join(import.meta.dirname, 'recipe-main.js'))
  await import('./carry-out.ts')
