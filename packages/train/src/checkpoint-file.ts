/**
 * One checkpoint as one safetensors file: weights and optimizer moments in fp32, the generator's state, the run's
 * position, and a digest over all of it, so that damage shows.
 */

import { createHash } from 'node:crypto'
import { openSafetensors, type Safetensors, writeSafetensors } from '@hadal/formats'
import type { SamplerPosition } from '@hadal/nn'
import { checkpointDamaged } from './errors.ts'
import type { HostTensor, Weights } from './weights.ts'

export interface CheckpointState {
  /** Steps done. */
  readonly step: number
  readonly sampler: SamplerPosition
  /** Of the run (`Run.fingerprint`). */
  readonly fingerprint: string
}

export interface Checkpoint {
  readonly state: CheckpointState
  readonly weights: Weights
  readonly optimizer: Weights
  readonly rng: Uint8Array
}

const weightsPrefix = 'weights.'
const optimizerPrefix = 'optimizer.'

/** Atomic: afterwards `path` holds the whole checkpoint, and if it fails, what it held before. */
export function writeCheckpoint(path: string, { state, weights, optimizer, rng }: Checkpoint): void {
  const tensors = new Map<string, HostTensor>()
  for (const [name, tensor] of weights) tensors.set(weightsPrefix + name, tensor)
  for (const [name, tensor] of optimizer) tensors.set(optimizerPrefix + name, tensor)
  const stateText = JSON.stringify(state)
  writeSafetensors(
    path,
    [
      ...[...tensors].map(([name, { shape, values }]) => ({
        name,
        shape,
        type: 'F32' as const,
        data: values,
      })),
      { name: 'rng', shape: [rng.length], type: 'U8' as const, data: rng },
    ],
    { state: stateText, sha256: digest(stateText, tensors, rng) },
  )
}

/** Throws `train_checkpoint_damaged`, or what opening the file throws. */
export function readCheckpoint(path: string): Checkpoint {
  using file = openSafetensors(path)
  const stateText = file.metadata.get('state')
  if (stateText === undefined || !file.tensors.has('rng'))
    throw checkpointDamaged(path, 'it is no checkpoint')
  const rng = file.read('rng')
  const weights = readTensors(file, weightsPrefix)
  const optimizer = readTensors(file, optimizerPrefix)
  const tensors = new Map([
    ...[...weights].map(([name, tensor]) => [weightsPrefix + name, tensor] as const),
    ...[...optimizer].map(([name, tensor]) => [optimizerPrefix + name, tensor] as const),
  ])
  if (file.metadata.get('sha256') !== digest(stateText, tensors, rng))
    throw checkpointDamaged(path, 'its contents do not match its digest')
  return { state: JSON.parse(stateText) as CheckpointState, weights, optimizer, rng }
}

function readTensors(file: Safetensors, prefix: string): Map<string, HostTensor> {
  const found = new Map<string, HostTensor>()
  for (const [name, { shape }] of file.tensors) {
    if (name.startsWith(prefix))
      found.set(name.slice(prefix.length), { shape, values: file.readFloats(name) })
  }
  return found
}

function digest(state: string, tensors: ReadonlyMap<string, HostTensor>, rng: Uint8Array): string {
  const hash = createHash('sha256').update(state).update(rng)
  for (const name of [...tensors.keys()].sort()) {
    const { shape, values } = tensors.get(name)!
    hash
      .update(`${name} ${shape}`)
      .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
  return hash.digest('hex')
}
