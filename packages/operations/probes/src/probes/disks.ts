/** Capacity and type of relevant file systems; one that hangs does not delay the others. */

import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { fileSystemAnswers } from '../file-system-answers.ts'

export interface Place {
  /** `models`, `temporary files`, `working folder`, `shared memory`. */
  readonly use: string
  readonly path: string
}

/** Probes each folder, or its nearest existing parent. */
export async function probeDisks(places: readonly Place[]): Promise<object> {
  return { folders: await Promise.all(places.map(askIfItAnswers)) }
}

export const usualPlaces = (modelsFolder: string, folder: string): readonly Place[] => [
  { use: 'models', path: modelsFolder },
  { use: 'temporary files', path: tmpdir() },
  { use: 'working folder', path: folder },
  ...(process.platform === 'linux' ? [{ use: 'shared memory', path: '/dev/shm' }] : []),
]

async function askIfItAnswers(place: Place): Promise<object> {
  if (!(await fileSystemAnswers(place.path))) return { ...place, fault: 'its file system does not respond' }
  return ask(place).catch((thrown: NodeJS.ErrnoException) => ({ ...place, fault: thrown.message }))
}

async function ask({ use, path }: Place): Promise<object> {
  const there = await nearestThere(path)
  const { type, bsize, blocks, bavail, files, ffree } = await statfs(there)
  const isWritable = await access(there, constants.W_OK).then(
    () => true,
    () => false,
  )
  return {
    use,
    path,
    type: type.toString(16),
    totalBytes: bsize * blocks,
    freeBytes: bsize * bavail,
    totalInodes: files,
    freeInodes: ffree,
    isWritable,
  }
}

async function nearestThere(path: string): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => thrown.code !== 'ENOENT',
  )
  return isThere || dirname(path) === path ? path : nearestThere(dirname(path))
}
