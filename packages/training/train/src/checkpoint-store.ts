/** The checkpoints of a run folder. Keeps the newest few; if the newest is damaged, falls back to the one before. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import {
  type Checkpoint,
  type CheckpointState,
  readCheckpoint,
  readCheckpointState,
  writeCheckpoint,
} from './checkpoint-file.ts'
import { noUsableCheckpoint } from './errors.ts'
import { asWeights, type Weights } from './weights.ts'

const extension = '.safetensors'
/** Left over when the process is killed during `writeSafetensors`. */
const unfinished = '.partial'

const checkpointFolder = (runFolder: string): string => join(runFolder, 'checkpoints')

/**
 * The only writer of a run folder's checkpoints. Readers use `newestWeights`.
 *
 * @internal
 */
export class CheckpointStore {
  readonly folder: string
  readonly #keep: number

  /** Keeps the newest `keep` checkpoints under `runFolder`/checkpoints; removes partial files of a killed run. */
  constructor(runFolder: string, keep: number) {
    this.folder = checkpointFolder(runFolder)
    this.#keep = keep
    mkdirSync(this.folder, { recursive: true })
    for (const name of readdirSync(this.folder, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith(unfinished)) rmSync(join(this.folder, name))
  }

  /** The newest checkpoint's path. */
  newest(): string | undefined {
    return listCheckpoints(this.folder).at(-1)
  }

  /**
   * Returns the path once the whole checkpoint is on disk. Then removes checkpoints of later steps (from an abandoned course) and
   * all but the newest few; nothing is removed before. Throws `tensor_file_unwritable`.
   */
  save(checkpoint: Checkpoint): string {
    const path = join(this.folder, fileName(checkpoint))
    writeCheckpoint(path, checkpoint)
    this.#clearBut(path)
    return path
  }

  /** Removes later checkpoints, and all but the newest few up to `path`. */
  #clearBut(path: string): void {
    const all = listCheckpoints(this.folder)
    const newest = all.indexOf(path) + 1
    for (const past of [...all.slice(newest), ...all.slice(0, Math.max(0, newest - this.#keep))]) rmSync(past)
  }

  /**
   * Writes `checkpoint` under `best` if its held-out loss is among the `keep` lowest, and then returns its path. File names carry
   * loss and step, so no index is needed, and a run that repeats a step does the same again.
   */
  saveBest(checkpoint: Checkpoint, loss: number, keep: number): string | undefined {
    if (!Number.isFinite(loss)) return undefined
    const folder = join(this.folder, 'best')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `loss-${loss.toFixed(6).padStart(14, '0')}-${fileName(checkpoint)}`)
    const best = [...new Set([...listCheckpoints(folder), path])].sort().slice(0, keep)
    if (!best.includes(path)) return undefined
    writeCheckpoint(path, checkpoint)
    for (const worse of listCheckpoints(folder).slice(keep)) rmSync(worse)
    return path
  }

  /** Removes best checkpoints that `isOurs` rejects. Unreadable files stay: they are never selected as best. */
  clearBest(isOurs: (state: CheckpointState) => boolean): void {
    for (const path of listCheckpoints(join(this.folder, 'best'))) {
      const state = stateIn(path)
      if (state && !isOurs(state)) rmSync(path)
    }
  }

  /**
   * The newest intact checkpoint; undefined if there are none. Each newer damaged one is reported through `warn` and renamed to
   * `.damaged`. Then leftovers of a killed run are removed. Throws `train_no_usable_checkpoint` if all are damaged, and changes
   * none.
   */
  load(warn: (message: string) => void): Checkpoint | undefined {
    const { checkpoint, whole, damaged } = firstWhole(this.folder, newestFirst(this.folder))
    for (const { path, reason } of damaged) {
      renameSync(path, `${path}.damaged`)
      warn(`${reason}; going back to step ${checkpoint?.state.step}`)
    }
    if (whole !== undefined) this.#clearBut(whole)
    return checkpoint
  }
}

const fileName = ({ state }: Checkpoint): string => `step-${String(state.step).padStart(9, '0')}${extension}`

/** A run folder's newest intact checkpoint; undefined if there is none. Read-only. Throws `train_no_usable_checkpoint`. */
export function newestCheckpoint(runFolder: string): Checkpoint | undefined {
  const folder = checkpointFolder(runFolder)
  return firstWhole(folder, newestFirst(folder)).checkpoint
}

/** Like the above for the checkpoint with the lowest held-out loss, in a run that keeps the best. */
export function bestCheckpoint(runFolder: string): Checkpoint | undefined {
  const folder = join(checkpointFolder(runFolder), 'best')
  return firstWhole(folder, listCheckpoints(folder)).checkpoint
}

/**
 * The weights a run folder's newest whole checkpoint holds; only reads. Throws `train_no_usable_checkpoint`.
 *
 * @example
 * ```ts
 * import { newestWeights } from '@hadal/train'
 *
 * const weights = newestWeights('runs/chats')
 * console.log(weights.size, [...weights.keys()][0])
 * ```
 */
export function newestWeights(runFolder: string): Weights {
  const folder = checkpointFolder(runFolder)
  return firstWeights(folder, newestFirst(folder))
}

/**
 * Like the above for the checkpoint with the lowest held-out loss, in a run that keeps the best.
 *
 * @example
 * ```ts
 * import { bestWeights } from '@hadal/train'
 *
 * const weights = bestWeights('runs/chats') // of the checkpoint with the least held-out loss
 * console.log(weights.get('model.norm.weight')?.values.length)
 * ```
 */
export function bestWeights(runFolder: string): Weights {
  const folder = join(checkpointFolder(runFolder), 'best')
  return firstWeights(folder, listCheckpoints(folder))
}

function firstWeights(folder: string, paths: readonly string[]): Weights {
  const { checkpoint } = firstWhole(folder, paths)
  if (!checkpoint) throw noUsableCheckpoint(folder, ['there are none'])
  return weightsIn(checkpoint)
}

/** Averaged ones where the run keeps an average. */
export function weightsIn({ weights, average }: Checkpoint): Weights {
  if (average.size === 0) return asWeights(weights)
  // Running statistics have no average; they are one.
  return asWeights(
    new Map([...weights].map(([name, tensor]) => [name, average.get(`average.${name}`) ?? tensor])),
  )
}

interface Found {
  readonly checkpoint: Checkpoint | undefined
  /** Its path. */
  readonly whole?: string
  /** Before `checkpoint` in the order, and unreadable. */
  readonly damaged: readonly { readonly path: string; readonly reason: string }[]
}

/** Throws `train_no_usable_checkpoint` when there are some and none can be read. */
function firstWhole(folder: string, paths: readonly string[]): Found {
  const damaged: { path: string; reason: string }[] = []
  for (const path of paths) {
    try {
      return { checkpoint: readCheckpoint(path), whole: path, damaged }
    } catch (error) {
      if (isRefused(error)) throw error
      damaged.push({ path, reason: messageOf(error) })
    }
  }
  if (damaged.length === 0) return { checkpoint: undefined, damaged }
  throw noUsableCheckpoint(
    folder,
    damaged.map(({ reason }) => reason),
  )
}

function stateIn(path: string): CheckpointState | undefined {
  try {
    return readCheckpointState(path)
  } catch {
    return undefined
  }
}

/** Whether the file may be intact but this process cannot read it now (permissions). */
const isRefused = (error: unknown): boolean => {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  return code !== undefined && ['EACCES', 'EPERM', 'EMFILE', 'ENFILE'].includes(code)
}

const newestFirst = (folder: string): string[] => listCheckpoints(folder).reverse()

/** Paths by name: oldest first, and of the best the lowest loss first. */
function listCheckpoints(folder: string): string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith(extension))
  return names.sort().map((name) => join(folder, name))
}
