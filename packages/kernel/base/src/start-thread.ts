/** Starts a sibling module as a thread, whether this code runs from its TypeScript source or from `dist`. */

import { pathToFileURL } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { programEntry } from './program-entry.ts'

/**
 * `startThread(import.meta.url, './load-thread', options)`: the module beside the caller. From source, a thread needs the loader of
 * TypeScript before anything else: flags of Node's do not give it one.
 *
 * @internal
 */
export function startThread(callerUrl: string, specifier: string, options: WorkerOptions): Worker {
  const { path, execArgv } = programEntry(callerUrl, specifier)
  if (execArgv.length === 0) return new Worker(path, options)
  const [loader, entry] = [import.meta.resolve('tsx/esm/api'), pathToFileURL(path).href].map(toText)
  const source = `import(${loader}).then(({ register }) => (register(), import(${entry})))`
  const conditions = execArgv.filter((flag) => flag.startsWith('--conditions'))
  return new Worker(source, { ...options, eval: true, execArgv: conditions })
}

const toText = (value: string): string => JSON.stringify(value)
