/**
 * Compiled libraries on disk, one folder each, named by a hash of all inputs. A folder appears atomically, by a rename, so that
 * concurrent compilations do not interfere; its content is verified by hash before loading.
 */

import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import { opCacheUnwritable, opLibraryDamaged, opLibraryForeign } from './errors.ts'

export const libraryName = 'op.so'
const manifestName = 'manifest.json'

export interface Manifest {
  readonly name: string
  readonly key: string
  /** The libtorch that it was compiled for. */
  readonly libtorch: string
  readonly wrapperVersion: number
  readonly compiler: string
  readonly sha256: string
}

/** @internal */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hadal', 'ops')
}

export function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The library in `folder`. Throws `op_library_damaged` and `op_library_foreign`. */
export function readLibrary(
  folder: string,
  libtorch: string,
  wrapperVersion: number,
): { file: string; manifest: Manifest } {
  const file = join(folder, libraryName)
  const manifest = readManifest(folder)
  const forThis = `${libtorch}, version ${wrapperVersion} of what surrounds operators`
  const forThat = `${manifest.libtorch}, version ${manifest.wrapperVersion} of what surrounds operators`
  if (forThis !== forThat) throw opLibraryForeign(file, forThat, forThis)
  const found = createHash('sha256').update(readFile(file)).digest('hex')
  if (found !== manifest.sha256) throw opLibraryDamaged(file, 'its content is not what was written')
  return { file, manifest }
}

function readManifest(folder: string): Manifest {
  const path = join(folder, manifestName)
  const bytes = readFile(path)
  try {
    const read = JSON.parse(bytes.toString('utf8')) as Manifest
    if (typeof read.libtorch === 'string' && typeof read.sha256 === 'string' && typeof read.key === 'string')
      return read
  } catch {
    // Said below.
  }
  throw opLibraryDamaged(path, 'it is no manifest of an operator')
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw opLibraryDamaged(path, messageOf(cause)).with({ cause })
  }
}

/** The folder of a library with that key for this libtorch, whichever compiler made it. */
export function findKept(
  cache: string,
  prefix: string,
  key: string,
  libtorch: string,
  wrapperVersion: number,
): string | undefined {
  const names = existsSync(cache) ? readdirSync(cache) : []
  return names
    .filter((name) => name.startsWith(`${prefix}-`))
    .map((name) => join(cache, name))
    .find((folder) => {
      try {
        return isKept(folder) && readLibrary(folder, libtorch, wrapperVersion).manifest.key === key
      } catch {
        return false
      }
    })
}

/** Libraries of another user are not trusted, because their code would run here. Root's are. */
export function isKept(folder: string): boolean {
  return existsSync(folder) && [0, process.getuid?.()].includes(statSync(folder).uid)
}

/** A folder to compile in, alongside where its result will be. Throws `op_cache_unwritable`. */
export function workFolder(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    sweep(cache)
    return mkdtempSync(join(cache, '.work-'))
  } catch (cause) {
    throw opCacheUnwritable(cache, messageOf(cause)).with({ cause })
  }
}

/** No compiler runs this long: the builder was killed. */
const leftMillis = 24 * 3_600_000

function sweep(cache: string): void {
  for (const name of readdirSync(cache)) {
    if (!name.startsWith('.work-')) continue
    const path = join(cache, name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined || found.uid !== process.getuid?.()) continue
    if (Date.now() - found.mtimeMs > leftMillis) rmSync(path, { recursive: true, force: true })
  }
}

/** Moves the compiled `work` to `folder`. If another process was faster, its result stays. */
export function keepLibrary(work: string, folder: string, manifest: Omit<Manifest, 'sha256'>): void {
  const sha256 = createHash('sha256')
    .update(readFileSync(join(work, libraryName)))
    .digest('hex')
  writeFileSync(join(work, manifestName), `${JSON.stringify({ ...manifest, sha256 }, null, 2)}\n`)
  try {
    renameSync(work, folder)
  } catch (thrown) {
    rmSync(work, { recursive: true, force: true })
    if (!isKept(folder)) throw opCacheUnwritable(folder, messageOf(thrown)).with({ cause: thrown })
  }
}

/** Takes a damaged folder out of the way, in one step. */
export function discard(folder: string): void {
  const aside = `${folder}.damaged-${process.pid}-${Date.now()}`
  try {
    renameSync(folder, aside)
  } catch {
    // Another process was faster.
    return
  }
  rmSync(aside, { recursive: true, force: true })
}
