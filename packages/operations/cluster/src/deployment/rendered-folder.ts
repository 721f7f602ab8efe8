/**
 * A folder of rendered files with a list of their checksums, so that rendering again removes obsolete files and never overwrites
 * files that others wrote or changed.
 */

import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { messageOf } from '@hadal/base'
import type { RenderedFile } from '@hadal/fleet'
import { deployFileChanged, deployFolderTaken, deployFolderUnwritable } from './errors.ts'

/** In the folder; names every file that was rendered. */
export const listName = '.rendered.json'

/** Checksums that a file of ours may have: two while it is being written again. */
type Sums = Readonly<Record<string, readonly string[]>>

export interface Written {
  readonly written: readonly string[]
  /** As they were already. */
  readonly unchanged: readonly string[]
  readonly removed: readonly string[]
}

export interface WriteOptions {
  /** As the user named it, for errors. */
  readonly name: string
  /** Also over files that were changed since. */
  readonly force?: boolean
}

/** Throws `deploy_folder_taken`, `deploy_file_changed` or `deploy_folder_unwritable`; then nothing was changed but for the last. */
export async function writeRenderedFolder(
  folder: string,
  files: readonly RenderedFile[],
  { name, force = false }: WriteOptions,
): Promise<Written> {
  const before = await readList(folder, name)
  const now: Sums = Object.fromEntries(files.map(({ path, text }) => [path, [sumOf(text)]]))
  const states = new Map<string, 'absent' | 'same' | 'ours' | 'changed'>()
  for (const path of new Set([...Object.keys(before), ...Object.keys(now)]))
    states.set(path, await stateOf(folder, path, before[path] ?? [], now[path]?.[0]))
  const changed = [...states].filter(([, state]) => state === 'changed').map(([path]) => path)
  if (changed.length > 0 && !force) throw deployFileChanged(changed.map((path) => join(name, path)))
  const isIn = (path: string, ...wanted: string[]): boolean => wanted.includes(states.get(path)!)
  const written = files.filter(({ path }) => !isIn(path, 'same'))
  const stale = Object.keys(before).filter((path) => now[path] === undefined)
  try {
    const both = Object.fromEntries(
      [...states.keys()].map((path) => [path, [...(before[path] ?? []), ...(now[path] ?? [])]]),
    )
    await mkdir(folder, { recursive: true })
    await writeList(folder, both)
    for (const { path, text } of written) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    for (const path of stale) await removeFile(folder, path)
    await writeList(folder, now)
  } catch (thrown) {
    throw deployFolderUnwritable(name, messageOf(thrown))
  }
  return {
    written: written.map(({ path }) => path),
    unchanged: files.filter(({ path }) => isIn(path, 'same')).map(({ path }) => path),
    removed: stale.filter((path) => !isIn(path, 'absent')),
  }
}

/**
 * The rendered files with their current content; undefined if none were rendered. Omits files that are missing, are links or exceed
 * `maxBytes`. Throws `deploy_folder_taken` if the folder has files of others.
 */
export async function readRenderedFolder(
  folder: string,
  { name, maxBytes }: { readonly name: string; readonly maxBytes: number },
): Promise<readonly RenderedFile[] | undefined> {
  const list = await readList(folder, name)
  const paths = Object.keys(list)
  if (paths.length === 0) return undefined
  const files: RenderedFile[] = []
  for (const path of paths.sort()) {
    const found = await findOwn(folder, path)
    if (found === undefined || found === 'foreign' || found.size > maxBytes) continue
    files.push({ path, text: await readFile(join(folder, path), 'utf8') })
  }
  return files
}

/** Empty where the folder is not there or has nothing in it. */
async function readList(folder: string, name: string): Promise<Sums> {
  const there: string[] = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return []
    throw thrown.code === 'ENOTDIR'
      ? deployFolderTaken(name)
      : deployFolderUnwritable(name, messageOf(thrown))
  })
  if (there.length === 0) return {}
  if (!there.includes(listName)) throw deployFolderTaken(name)
  try {
    const { files } = JSON.parse(await readFile(join(folder, listName), 'utf8')) as { files: Sums }
    for (const [path, sums] of Object.entries(files))
      if (!isWithin(path) || !Array.isArray(sums)) throw new Error('not ours')
    return files
  } catch {
    throw deployFolderTaken(name)
  }
}

const isWithin = (path: string): boolean =>
  path !== '' && !isAbsolute(path) && !path.split(/[/\\]/).some((part) => part === '..' || part === '')

const writeList = (folder: string, files: Sums): Promise<void> =>
  writeFile(
    join(folder, listName),
    `${JSON.stringify({ about: 'What `hadal deploy render` wrote here, with its SHA-256.', files }, null, 2)}\n`,
  )

async function stateOf(
  folder: string,
  path: string,
  ours: readonly string[],
  wanted: string | undefined,
): Promise<'absent' | 'same' | 'ours' | 'changed'> {
  const found = await findOwn(folder, path)
  if (found === undefined) return 'absent'
  if (found === 'foreign') return 'changed'
  const sum = sumOf(await readFile(join(folder, path)))
  if (sum === wanted) return 'same'
  return ours.includes(sum) ? 'ours' : 'changed'
}

/** Undefined if absent. A link, or a file below a linked folder, is `foreign`. */
async function findOwn(folder: string, path: string): Promise<Stats | 'foreign' | undefined> {
  const parts = path.split('/')
  for (const [at] of parts.entries()) {
    const found = await lstat(join(folder, ...parts.slice(0, at + 1))).catch(() => undefined)
    if (found === undefined) return undefined
    const isLast = at === parts.length - 1
    if (isLast ? !found.isFile() : !found.isDirectory()) return 'foreign'
    if (isLast) return found
  }
  return undefined
}

/** And the folders that it leaves empty. */
async function removeFile(folder: string, path: string): Promise<void> {
  await rm(join(folder, path), { force: true })
  for (let place = dirname(path); place !== '.'; place = dirname(place))
    if (
      !(await rmdir(join(folder, place)).then(
        () => true,
        () => false,
      ))
    )
      return
}

const sumOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
