/**
 * Loads a config file in a thread of its own: each time with modules that nobody has loaded before, and whatever the file
 * does - throw, never end, call `process.exit`, fill the memory - befalls that thread alone. Knows nothing of what the
 * settings mean.
 */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf, startThread } from '@hadal/base'
import { configFileFailed, configFileNotFound } from './errors.ts'
import { type ConfigFile, findConfigFile, settingsIn } from './load-file.ts'
import { localImports } from './local-imports.ts'

export interface IsolatedOptions {
  /** A file that has not ended by then is given up. */
  readonly timeoutMillis?: number
  /** Told of every file that was read, also where loading fails then; the config file comes first. */
  readonly onFiles?: (files: readonly string[]) => void
}

/** What the thread answers. */
export type Loaded =
  | { readonly values: unknown; readonly files: readonly string[] }
  | { readonly failure: string; readonly files: readonly string[] }

const patience = 15_000
const memoryMegabytes = 256

/**
 * As `loadConfigFile`. Throws the errors that it throws; `config_file_failed`, too, for a file that does not end.
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
  const file = resolve(folder, name)
  if (!existsSync(file)) throw configFileNotFound(name)
  const loaded = await inThread(file, timeoutMillis)
  onFiles?.(loaded.files)
  if ('failure' in loaded) throw configFileFailed(name, loaded.failure)
  return { path: name, values: settingsIn(name, loaded.values) }
}

function inThread(file: string, timeoutMillis: number): Promise<Loaded> {
  const worker = startThread(import.meta.url, './load-thread', {
    workerData: { file },
    // What a config file prints is no log line of the service.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
  })
  worker.stdout.resume()
  worker.stderr.resume()
  return new Promise<Loaded>((resolved) => {
    const fail = (failure: string): void => resolved({ failure, files: localImports(file) })
    const timer = setTimeout(() => fail(`it had not ended after ${timeoutMillis / 1000} s`), timeoutMillis)
    worker.once('message', (loaded: Loaded) => resolved(loaded))
    worker.once('messageerror', (error) => fail(messageOf(error)))
    worker.once('error', (error) => fail(messageOf(error)))
    worker.once('exit', (code) => {
      clearTimeout(timer)
      fail(`it ended the thread that loads it, with exit code ${code}`)
    })
  }).finally(() => worker.terminate())
}
