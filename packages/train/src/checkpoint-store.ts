/**
 * The checkpoints of a run folder: the newest few are kept, a damaged newest one is passed over for the one before.
 * Knows nothing about training, nor what a checkpoint holds.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint-file.ts'
import { noUsableCheckpoint } from './errors.ts'
import type { Weights } from './weights.ts'

const extension = '.safetensors'
/** What `writeSafetensors` leaves behind when the process is killed while it writes. */
const unfinished = '.partial'

export class CheckpointStore {
  readonly #folder: string
  readonly #keep: number

  /** Keeps the newest `keep` checkpoints under `runFolder`/checkpoints; clears away what a killed run was writing. */
  constructor(runFolder: string, keep: number) {
    this.#folder = join(runFolder, 'checkpoints')
    this.#keep = keep
    mkdirSync(this.#folder, { recursive: true })
    for (const name of readdirSync(this.#folder))
      if (name.endsWith(unfinished)) rmSync(join(this.#folder, name))
  }

  /** Paths, oldest first. */
  list(): string[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => join(this.#folder, name))
  }

  newest(): string | undefined {
    return this.list().at(-1)
  }

  /** Returns the path once the whole checkpoint is on the disk. */
  save(checkpoint: Checkpoint): string {
    const path = join(this.#folder, `step-${String(checkpoint.state.step).padStart(9, '0')}${extension}`)
    writeCheckpoint(path, checkpoint)
    for (const old of this.list().slice(0, -this.#keep)) rmSync(old)
    return path
  }

  /**
   * The newest checkpoint that is whole; undefined when there is none at all. Each damaged one before it is named through
   * `warn` and set aside as `.damaged`. Throws `train_no_usable_checkpoint` when all are damaged, and touches none.
   */
  load(warn: (message: string) => void): Checkpoint | undefined {
    const damaged: { path: string; reason: string }[] = []
    for (const path of this.list().reverse()) {
      let checkpoint: Checkpoint
      try {
        checkpoint = readCheckpoint(path)
      } catch (error) {
        damaged.push({ path, reason: messageOf(error) })
        continue
      }
      for (const { path: bad, reason } of damaged) {
        renameSync(bad, `${bad}.damaged`)
        warn(`${reason}; going back to step ${checkpoint.state.step}`)
      }
      return checkpoint
    }
    if (damaged.length === 0) return undefined
    throw noUsableCheckpoint(
      this.#folder,
      damaged.map(({ reason }) => reason),
    )
  }
}

/** The weights a run folder's newest whole checkpoint holds; throws `train_no_usable_checkpoint`. */
export function newestWeights(runFolder: string): Weights {
  const checkpoint = new CheckpointStore(runFolder, 1).load(() => {})
  if (!checkpoint) throw noUsableCheckpoint(runFolder, ['there are none'])
  return checkpoint.weights
}
