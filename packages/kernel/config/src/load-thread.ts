/** The thread that loads one config file for `load-isolated.ts`, and returns its content and the files read. */

import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '@hadal/base'
import { readConfig } from './load-file.ts'
import type { Loaded } from './load-isolated.ts'
import { localImports } from './local-imports.ts'

const { file } = workerData as { readonly file: string }
/** The loader does not report modules that Node loads itself. */
const files = new Set(localImports(file))

const answer = async (): Promise<Loaded> => {
  try {
    return { values: await readConfig(file, (read) => files.add(read)), files: [...files] }
  } catch (thrown) {
    return { failure: messageOf(thrown), files: [...files] }
  }
}

const loaded = await answer()
try {
  parentPort!.postMessage(loaded)
} catch {
  const failure = 'it contains a value that is not plain data, such as a function'
  parentPort!.postMessage({ failure, files: [...files] } satisfies Loaded)
}
