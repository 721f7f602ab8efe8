/** Finds and loads a config file: TypeScript, JavaScript or JSON. Knows nothing of what the settings mean. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@hadal/base'
import { configFileAmbiguous, configFileFailed, configFileNotFound } from './errors.ts'

export interface ConfigFile {
  /** As the user would name it. */
  readonly path: string
  readonly values: Readonly<Record<string, unknown>>
}

const names = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `hadal.config.${extension}`)

/** Loads `path`, or the one `hadal.config.*` in `folder`; undefined when there is none. */
export async function loadConfigFile(folder: string, path?: string): Promise<ConfigFile | undefined> {
  const found = path === undefined ? names.filter((name) => existsSync(join(folder, name))) : [path]
  if (found.length > 1) throw configFileAmbiguous(found)
  const [name] = found
  if (name === undefined) return undefined
  const file = resolve(folder, name)
  if (!existsSync(file)) throw configFileNotFound(name)
  const loaded = await (file.endsWith('.json') ? loadJson(file) : loadModule(file)).catch(
    (cause: unknown) => {
      throw configFileFailed(name, messageOf(cause)).with({ cause })
    },
  )
  if (typeof loaded !== 'object' || loaded === null || Array.isArray(loaded))
    throw configFileFailed(name, 'it holds no settings')
  return { path: name, values: loaded as Record<string, unknown> }
}

async function loadJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}

/** With jiti, for Node 20 cannot import TypeScript; `hadal` resolves to this installation even where none is beside the file. */
async function loadModule(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const own = fileURLToPath(new URL(`./define-service${extension}`, import.meta.url))
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    alias: { hadal: own, '@hadal/config': own },
  })
  const module = await jiti.import<Record<string, unknown>>(file)
  return module.default
}
