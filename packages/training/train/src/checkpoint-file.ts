/**
 * One checkpoint as one safetensors file: everything a run owns between two steps, each tensor in its own dtype, and a digest over
 * all of it, so that damage shows.
 */

import { createHash } from 'node:crypto'
import { openSafetensors, type Safetensors, type TensorSource, writeSafetensors } from '@hadal/formats'
import type { SavedTensor, Schedule } from '@hadal/nn'
import type { Ledger } from '@hadal/privacy'
import type { GuardRecord } from './divergence-guard.ts'
import { checkpointDamaged } from './errors.ts'
import { hashBytes } from './hash-bytes.ts'
import type { HeldOutRecord } from './held-out-record.ts'

export interface CheckpointState {
  /** Steps done. */
  readonly step: number
  /** Position of the source of passes. */
  readonly position: unknown
  /** `Run.fingerprint`. */
  readonly fingerprint: string
  /** `Run.heldOutFingerprint`. */
  readonly heldOutFingerprint: string
  /** The run's schedule. If it can be extended, the fingerprint does not include its end. */
  readonly schedule: Schedule
  readonly heldOut: HeldOutRecord
  readonly guard: GuardRecord
  /** Privacy budget spent on the run's rows, by this run and earlier runs. Private runs only. */
  readonly ledger?: Ledger
}

export type SavedTensors = ReadonlyMap<string, SavedTensor>

/** A run between two steps. */
export interface SavedSession {
  readonly state: CheckpointState
  /** Trained parameters in fp32, by name. */
  readonly weights: SavedTensors
  readonly optimizer: SavedTensors
  /** The moving average of the weights; empty in runs without one. */
  readonly average: SavedTensors
  /** The loss scale of fp16, and the scales of fp8 with their amax history. Empty for other precisions. */
  readonly precision: SavedTensors
  readonly rng: Uint8Array
}

/** The current state of the run and, if the divergence guard's rollback state is an earlier one, that state. */
export interface Checkpoint extends SavedSession {
  readonly lastGood?: SavedSession
}

/** Applies `change` to the current state and to the rollback state. */
export function eachSession(
  { lastGood, ...session }: Checkpoint,
  change: (session: SavedSession) => SavedSession,
): Checkpoint {
  const changed = change(session)
  return lastGood ? { ...changed, lastGood: change(lastGood) } : changed
}

const parts = ['weights', 'optimizer', 'average', 'precision'] as const
const typeOf = { float32: 'F32', int32: 'I32', uint8: 'U8' } as const
const dtypeOf = { F32: 'float32', I32: 'int32', U8: 'uint8' } as const
/** Before the names of all that belongs to `lastGood`. */
const goodPrefix = 'good.'

/**
 * Atomic: on success `path` holds the whole checkpoint, on failure its previous content.
 *
 * @internal
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const { lastGood } = checkpoint
  writeSafetensors(path, [...sources(checkpoint, ''), ...(lastGood ? sources(lastGood, goodPrefix) : [])], {
    state: JSON.stringify(checkpoint.state),
    ...(lastGood && { [`${goodPrefix}state`]: JSON.stringify(lastGood.state) }),
    sha256: digest(checkpoint),
  })
}

function sources(session: SavedSession, prefix: string): TensorSource<'F32' | 'I32' | 'U8'>[] {
  const { rng } = session
  const tensors = parts.flatMap((part) =>
    [...session[part]].map(([name, { dtype, shape, bytes }]) => {
      if (!(dtype in typeOf))
        throw new Error(`${part}.${name} is ${dtype}, a type that checkpoints do not support`)
      const type = typeOf[dtype as keyof typeof typeOf]
      return { name: `${prefix}${part}.${name}`, shape, type, data: bytes }
    }),
  )
  return [...tensors, { name: `${prefix}rng`, shape: [rng.length], type: 'U8', data: rng }]
}

/**
 * Throws `train_checkpoint_damaged`, or what opening the file throws.
 *
 * @example
 * ```ts
 * import { readCheckpoint } from '@hadal/train'
 *
 * const { step, schedule } = readCheckpoint('runs/chats/checkpoints/step-000000100.safetensors').state
 * ```
 */
export function readCheckpoint(path: string): Checkpoint {
  using file = openSafetensors(path)
  const session = readSession(file, '')
  if (session === undefined) throw checkpointDamaged(path, 'it is not a checkpoint')
  const lastGood = readSession(file, goodPrefix)
  const checkpoint = lastGood ? { ...session, lastGood } : session
  if (file.metadata.get('sha256') !== digest(checkpoint))
    throw checkpointDamaged(path, 'its contents do not match its digest')
  return checkpoint
}

/** Reads the file's metadata without verifying its integrity. Throws as `readCheckpoint`. */
export function readCheckpointState(path: string): CheckpointState {
  using file = openSafetensors(path)
  const state = file.metadata.get('state')
  if (state === undefined) throw checkpointDamaged(path, 'it is not a checkpoint')
  return JSON.parse(state) as CheckpointState
}

function readSession(file: Safetensors, prefix: string): SavedSession | undefined {
  const state = file.metadata.get(`${prefix}state`)
  if (state === undefined || !file.tensors.has(`${prefix}rng`)) return undefined
  const [weights, optimizer, average, precision] = parts.map((part) => readTensors(file, `${prefix}${part}.`))
  return {
    state: JSON.parse(state) as CheckpointState,
    weights: weights!,
    optimizer: optimizer!,
    average: average!,
    precision: precision!,
    rng: file.read(`${prefix}rng`),
  }
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

function digest({ lastGood, ...session }: Checkpoint): string {
  const hash = createHash('sha256')
  for (const saved of lastGood ? [session, lastGood] : [session]) {
    hash.update(JSON.stringify(saved.state)).update(saved.rng)
    for (const part of parts)
      for (const name of [...saved[part].keys()].sort()) {
        const { dtype, shape, bytes } = saved[part].get(name)!
        hash.update(`${part}.${name} ${dtype} ${shape}`)
        hashBytes(hash, bytes)
      }
  }
  return hash.digest('hex')
}
