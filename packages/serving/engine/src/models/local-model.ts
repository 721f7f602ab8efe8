/** A local model: a file, any part of a split one, or a folder with one model or checkpoint. */

import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '@hadal/base'
import { checkpointNotServable, modelFileNotFound, modelShardMissing, modelUnreadable } from './errors.ts'
import { checkGguf } from './gguf-magic.ts'
import { selectModel } from './select-files.ts'

/** The paths of a checkpoint folder's files; undefined if it is not one, or contains a model to serve. */
export async function filesOfCheckpoint(path: string): Promise<string[] | undefined> {
  const names = await readdir(path).catch(() => [])
  return isCheckpoint(names) ? names.sort().map((name) => join(path, name)) : undefined
}

const isGgufName = (name: string): boolean => name.endsWith('.gguf')
const isCheckpoint = (names: readonly string[]): boolean =>
  names.includes('config.json') && !names.some(isGgufName)

/**
 * The paths of its parts, in order. Throws `model_file_not_found`, `model_shard_missing`, `model_unreadable`,
 * `model_not_gguf`, `model_ambiguous`, `checkpoint_not_servable`.
 */
export async function localModel(path: string): Promise<string[]> {
  const found = await find(path)
  if (found === undefined) throw modelFileNotFound(path, await whatWasMeant(path))
  const files = found.isDirectory() ? await modelInFolder(path) : shardsOf(path)
  for (const file of files) {
    const part = await find(file)
    if (part === undefined) throw modelShardMissing(file)
    // Opening a named pipe would block.
    if (!part.isFile() && !part.isDirectory()) throw modelUnreadable(file, 'it is not a regular file')
    await checkGguf(file)
  }
  return files
}

/** Undefined if it does not exist. */
async function find(path: string): Promise<Stats | undefined> {
  return stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    return refuse(path, cause)
  })
}

function refuse(path: string, cause: unknown): never {
  throw modelUnreadable(path, messageOf(cause)).with({ cause })
}

async function modelInFolder(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => refuse(folder, cause))
  if (isCheckpoint(names)) throw checkpointNotServable(folder)
  if (!names.some(isGgufName)) throw modelFileNotFound(join(folder, '*.gguf'), undefined)
  const files = names.map((name) => ({ path: name }))
  return selectModel(files, { ref: folder, at: (name) => join(folder, name) }).files.map((file) =>
    join(folder, file.path),
  )
}

function shardsOf(path: string): string[] {
  const match = /^(.*)-\d{5}-of-(\d{5})\.gguf$/.exec(path)
  if (match === null) return [path]
  const [, stem, count] = match
  return Array.from(
    { length: Number(count) },
    (_, index) => `${stem}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`,
  )
}

async function whatWasMeant(path: string): Promise<string | undefined> {
  const looksLikeRepo = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*(?::[\w.-]+)?$/.test(path)
  if (looksLikeRepo && !path.endsWith('.gguf')) return `hf:${path}`
  const beside = await readdir(dirname(path)).catch(() => [])
  const wanted = basename(path).toLowerCase()
  const similar = beside.filter(
    (name) => name.endsWith('.gguf') && name.toLowerCase().startsWith(wanted.slice(0, 4)),
  )
  return similar[0] === undefined ? undefined : join(dirname(path), similar[0])
}
