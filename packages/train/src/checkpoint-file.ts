/**
 * One checkpoint as one safetensors file: everything a run owns between two steps, each tensor in its own dtype, and a digest over
 * all of it, so that damage shows.
 */

import { createHash } from 'node:crypto'
import { openSafetensors, type Safetensors, writeSafetensors } from '@hadal/formats'
import type { SavedTensor } from '@hadal/nn'
import { checkpointDamaged } from './errors.ts'
import type { HeldOutRecord } from './held-out-record.ts'

export interface CheckpointState {
  /** Steps done. */
  readonly step: number
  /** Of the source of passes. */
  readonly position: unknown
  /** Of the run (`Run.fingerprint`). */
  readonly fingerprint: string
  readonly heldOut: HeldOutRecord
}

export type SavedTensors = ReadonlyMap<string, SavedTensor>

export interface Checkpoint {
  readonly state: CheckpointState
  /** fp32, by parameter name: what is trained. */
  readonly weights: SavedTensors
  readonly optimizer: SavedTensors
  /** The moving average of the weights; empty in runs without one. */
  readonly average: SavedTensors
  readonly rng: Uint8Array
}

const parts = ['weights', 'optimizer', 'average'] as const
const typeOf = { float32: 'F32', uint8: 'U8' } as const
const dtypeOf = { F32: 'float32', U8: 'uint8' } as const

/** Atomic: afterwards `path` holds the whole checkpoint, and if it fails, what it held before. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const { state, rng } = checkpoint
  const stateText = JSON.stringify(state)
  const tensors = parts.flatMap((part) =>
    [...checkpoint[part]].map(([name, { dtype, shape, bytes }]) => {
      if (!(dtype in typeOf)) throw new Error(`${part}.${name} is ${dtype}, which no checkpoint holds`)
      return { name: `${part}.${name}`, shape, type: typeOf[dtype as keyof typeof typeOf], data: bytes }
    }),
  )
  writeSafetensors(path, [...tensors, { name: 'rng', shape: [rng.length], type: 'U8', data: rng }], {
    state: stateText,
    sha256: digest(stateText, checkpoint),
  })
}

/** Throws `train_checkpoint_damaged`, or what opening the file throws. */
export function readCheckpoint(path: string): Checkpoint {
  using file = openSafetensors(path)
  const stateText = file.metadata.get('state')
  if (stateText === undefined || !file.tensors.has('rng'))
    throw checkpointDamaged(path, 'it is no checkpoint')
  const [weights, optimizer, average] = parts.map((part) => readTensors(file, `${part}.`))
  const state = JSON.parse(stateText) as CheckpointState
  const rng = file.read('rng')
  const checkpoint = { state, weights: weights!, optimizer: optimizer!, average: average!, rng }
  if (file.metadata.get('sha256') !== digest(stateText, checkpoint))
    throw checkpointDamaged(path, 'its contents do not match its digest')
  return checkpoint
}

function readTensors(file: Safetensors, prefix: string): Map<string, SavedTensor> {
  const found = new Map<string, SavedTensor>()
  for (const [name, { shape, type }] of file.tensors)
    if (name.startsWith(prefix) && type in dtypeOf) {
      const dtype = dtypeOf[type as keyof typeof dtypeOf]
      found.set(name.slice(prefix.length), { dtype, shape, bytes: file.read(name) })
    }
  return found
}

function digest(state: string, checkpoint: Omit<Checkpoint, 'state'>): string {
  const hash = createHash('sha256').update(state).update(checkpoint.rng)
  for (const part of parts)
    for (const name of [...checkpoint[part].keys()].sort()) {
      const { dtype, shape, bytes } = checkpoint[part].get(name)!
      hash.update(`${part}.${name} ${dtype} ${shape}`).update(bytes)
    }
  return hash.digest('hex')
}
