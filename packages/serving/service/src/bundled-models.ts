/** Bundled models: `models/<name>/*.gguf` next to this package or at the repository root. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundledModelMissing } from './errors.ts'

export interface BundledModel {
  readonly name: string
  readonly path: string
}

const defaultFolders = ['../models', '../../../../models'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

export function listBundledModels(folders: readonly string[] = defaultFolders): BundledModel[] {
  return folders.flatMap((folder) =>
    namesIn(folder).flatMap((name) => {
      const file = namesIn(join(folder, name)).find((each) => each.endsWith('.gguf'))
      return file === undefined ? [] : { name, path: join(folder, name, file) }
    }),
  )
}

/**
 * The bundled model with this name; undefined for anything else, such as a path. Throws `bundled_model_missing`.
 *
 * @example
 * ```ts
 * import { basename } from 'node:path'
 * import { findBundledModel } from 'hadal'
 *
 * basename(findBundledModel('nano')!.path) // → nano-q8_0.gguf
 * findBundledModel('./my-model.gguf') // → undefined
 * ```
 */
export function findBundledModel(ref: string, folders?: readonly string[]): BundledModel | undefined {
  if (!/^[\w-]+$/.test(ref)) return undefined
  const all = listBundledModels(folders)
  const found = all.find((model) => model.name === ref)
  if (found === undefined)
    throw bundledModelMissing(
      ref,
      all.map((model) => model.name),
    )
  return found
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
