/** Finds training runs below the configured folders. Reads only names, follows no links, and is bounded. */

import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { runFileName } from '@hadal/train/record'

export interface FoundRun {
  readonly id: string
  /** Absolute. */
  readonly folder: string
  /** Relative to the search root, with `/`; the root's name if it is a run itself. */
  readonly path: string
}

export interface FoundRuns {
  readonly runs: readonly FoundRun[]
  readonly roots: readonly { readonly folder: string; readonly isThere: boolean }[]
  readonly isCut: boolean
}

export const metricsFileName = 'metrics.jsonl'

const maxRuns = 500
const maxFolders = 5000
const maxDepth = 5
/** Subfolders of a run, which contain no runs. */
const inside: ReadonlySet<string> = new Set([
  'checkpoints',
  'tensorboard',
  'profile',
  'ranks',
  'node_modules',
])

/** `roots` are absolute, or below the folder that the process runs in. */
export async function findRuns(roots: readonly string[]): Promise<FoundRuns> {
  const runs = new Map<string, FoundRun>()
  const found: { folder: string; isThere: boolean }[] = []
  let visited = 0
  let isCut = false
  for (const root of roots) {
    const top = resolve(root)
    const open: { readonly folder: string; readonly depth: number }[] = [{ folder: top, depth: 0 }]
    let isThere = false
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const entries = await entriesOf(next.folder)
      if (next.folder === top) isThere = entries !== undefined
      if (entries === undefined) continue
      if (++visited > maxFolders || runs.size >= maxRuns) {
        isCut = true
        break
      }
      if (isRun(entries) && !runs.has(next.folder)) runs.set(next.folder, runAt(next.folder, top))
      for (const entry of entries)
        if (entry.isDirectory() && !entry.name.startsWith('.') && !inside.has(entry.name))
          if (next.depth < maxDepth)
            open.push({ folder: join(next.folder, entry.name), depth: next.depth + 1 })
    }
    found.push({ folder: root, isThere })
  }
  return { runs: [...runs.values()], roots: found, isCut }
}

export const isRun = (entries: readonly Dirent[]): boolean =>
  entries.some(
    (entry) =>
      (entry.isFile() && (entry.name === metricsFileName || entry.name === runFileName)) ||
      (entry.isDirectory() && entry.name === 'checkpoints'),
  )

/** Stable while the folder is not moved; does not reveal its path. */
function runAt(folder: string, root: string): FoundRun {
  const path = relative(root, folder).split(sep).join('/') || basename(folder)
  const readable = path
    .replace(/[^\w.]+/g, '-')
    .slice(-40)
    .replace(/^[-.]+/, '')
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 8)
  return { id: `${readable}-${digest}`, folder, path }
}

async function entriesOf(folder: string): Promise<Dirent[] | undefined> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}
