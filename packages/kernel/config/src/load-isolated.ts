/**
 * Loads a config file in a separate thread: with fresh modules each time, and isolated from whatever the file does: throw,
 * hang, call `process.exit`, exhaust memory.
 */

import { messageOf, startThread } from '@hadal/base'
import { configFileFailed } from './errors.ts'
import { type ConfigFile, configPath, findConfigFile, settingsIn } from './load-file.ts'
import { localImports } from './local-imports.ts'

export interface IsolatedOptions {
  /** Time limit for loading the file. */
  readonly timeoutMillis?: number
  /** Called with all files read, even if loading fails; the config file comes first. */
  readonly onFiles?: (files: readonly string[]) => void
}

/** The thread's reply. */
export type Loaded =
  | { readonly values: unknown; readonly files: readonly string[] }
  | { readonly failure: string; readonly files: readonly string[] }

const patience = 15_000
const memoryMegabytes = 256

/**
 * Like `loadConfigFile`, with the same errors; also throws `config_file_failed` on a timeout.
 *
 * @internal
 */
export async function loadConfigIsolated(
  folder: string,
  path?: string,
  { timeoutMillis = patience, onFiles }: IsolatedOptions = {},
): Promise<ConfigFile | undefined> {
  const name = findConfigFile(folder, path)
  if (name === undefined) return undefined
  const file = configPath(folder, name)
  const loaded = await inThread(file, timeoutMillis)
  onFiles?.(loaded.files)
  if ('failure' in loaded) throw configFileFailed(name, loaded.failure)
  return { path: name, values: settingsIn(name, loaded.values) }
}

function inThread(file: string, timeoutMillis: number): Promise<Loaded> {
  const worker = startThread(import.meta.url, './load-thread', {
    workerData: { file },
    // Keeps a config file's output out of the service log.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
  })
  worker.stdout.resume()
  worker.stderr.resume()
  return new Promise<Loaded>((resolved) => {
    const fail = (failure: string): void => resolved({ failure, files: localImports(file) })
    const timer = setTimeout(() => fail(`it did not finish within ${timeoutMillis / 1000} s`), timeoutMillis)
    worker.once('message', (loaded: Loaded) => resolved(loaded))
    worker.once('messageerror', (error) => fail(messageOf(error)))
    worker.once('error', (error) => fail(messageOf(error)))
    worker.once('exit', (code) => {
      clearTimeout(timer)
      fail(`it terminated its loader thread with exit code ${code}`)
    })
  }).finally(() => worker.terminate())
}
