/** Starts a sibling module as a thread, from the TypeScript source or from `dist`. */

import { pathToFileURL } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { programEntry } from './program-entry.ts'

/**
 * `startThread(import.meta.url, './load-thread', options)`: the module next to the caller. From source, the thread must
 * register the TypeScript loader first: Node flags do not apply to it.
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
