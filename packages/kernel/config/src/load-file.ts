/** Finds and loads a config file: TypeScript, JavaScript or JSON. */

import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@hadal/base'
import { configFileAmbiguous, configFileFailed, configFileNotFound } from './errors.ts'

export interface ConfigFile {
  /** As the user would write it. */
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Discovered automatically.
 *
 * @example
 * ```ts
 * import { configFileNames } from '@hadal/config'
 *
 * configFileNames // → [ 'hadal.config.ts', 'hadal.config.mts', 'hadal.config.js', 'hadal.config.mjs', 'hadal.config.json' ]
 * ```
 */
export const configFileNames: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  (extension) => `hadal.config.${extension}`,
)

/**
 * Loads `path`, or the one `hadal.config.*` in `folder`; undefined when there is none.
 *
 * @example
 * ```ts
 * import { loadConfigFile } from '@hadal/config'
 *
 * const file = await loadConfigFile(process.cwd()) // runs it, where it is TypeScript or JavaScript
 * console.log(file?.path, file?.values)
 * ```
 */
export async function loadConfigFile(folder: string, path?: string): Promise<ConfigFile | undefined> {
  const name = findConfigFile(folder, path)
  if (name === undefined) return undefined
  const file = configPath(folder, name)
  const loaded = await readConfig(file).catch((cause: unknown) => {
    throw configFileFailed(name, messageOf(cause)).with({ cause })
  })
  return { path: name, values: settingsIn(name, loaded) }
}

/**
 * `path`, or the `hadal.config.*` in `folder`, as the user would write it; undefined if there is none.
 *
 * @example
 * ```ts
 * import { findConfigFile } from '@hadal/config'
 *
 * const path = findConfigFile(process.cwd()) // undefined where there is none
 * if (path !== undefined) console.log(`settings from ${path}`)
 * ```
 */
export function findConfigFile(folder: string, path?: string): string | undefined {
  if (path !== undefined) return path
  const found = configFileNames.filter((name) => existsSync(join(folder, name)))
  if (found.length > 1) throw configFileAmbiguous(found)
  return found[0]
}

const maxConfigBytes = 1024 ** 2

/**
 * The absolute path of a config file that can be read: reading a device may never end, and opening a pipe blocks its thread. Throws
 * `config_file_not_found`, and `config_file_failed` unless it is a regular file of at most 1 MiB.
 */
export function configPath(folder: string, name: string): string {
  const file = resolve(folder, name)
  if (!existsSync(file)) throw configFileNotFound(name)
  const stats = statSync(file)
  if (!stats.isFile()) throw configFileFailed(name, 'it is not a regular file')
  if (stats.size > maxConfigBytes)
    throw configFileFailed(name, `it has ${stats.size} bytes; the limit is ${maxConfigBytes}`)
  return file
}

/** Throws `config_file_failed` unless it is an object of settings. */
export function settingsIn(name: string, loaded: unknown): Record<string, unknown> {
  if (typeof loaded !== 'object' || loaded === null || Array.isArray(loaded))
    throw configFileFailed(name, 'it contains no settings')
  return loaded as Record<string, unknown>
}

/** The content of a file; `onRead` is called with the modules that it imports by path. */
export async function readConfig(file: string, onRead?: (file: string) => void): Promise<unknown> {
  return file.endsWith('.json') ? JSON.parse(await readFile(file, 'utf8')) : loadModule(file, onRead)
}

/**
 * The default export of a TypeScript or JavaScript module. Uses jiti, because Node 20 cannot import TypeScript; `hadal`
 * resolves to this installation even if there is none next to the file.
 *
 * @internal
 */
export async function loadModule(file: string, onRead?: (file: string) => void): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const own = fileURLToPath(new URL(`./define-service${extension}`, import.meta.url))
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    // Keeps modules cached only to record what was read, in a thread that ends right after.
    moduleCache: onRead !== undefined,
    interopDefault: false,
    alias: { hadal: own, '@hadal/config': own },
  })
  try {
    const module = await jiti.import<Record<string, unknown>>(file)
    return module.default
  } finally {
    for (const read of Object.keys(jiti.cache))
      if (!/[\\/]node_modules[\\/]/.test(read) && read !== own) onRead?.(read)
  }
}
