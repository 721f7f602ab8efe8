/**
 * The content of a checkpoint folder: config.json, and the headers of model.safetensors or of every shard in its index. Collects
 * every issue and reads no weights.
 */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type HadalError, isHadalError, messageOf } from '@hadal/base'
import { openSafetensors, type SafetensorsTensor, tensorFileUnreadable } from '@hadal/formats'
import { checkpointFileMissing, checkpointJsonInvalid } from './errors.ts'

export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>
  /** The file in which a tensor missing from `tensors` was expected. */
  readonly expectedIn: (name: string) => string
  /** The files that could hold this tensor could not be read, which is reported separately. */
  readonly outOfSight: (name: string) => boolean
  readonly issues: readonly HadalError[]
}

/**
 * Parsed; throws `nn_checkpoint_file_missing`, `tensor_file_unreadable` or `nn_checkpoint_json_invalid`.
 *
 * @internal
 */
export function readConfigJson(folder: string, name = 'config.json'): unknown {
  const path = join(folder, name)
  if (!existsSync(path)) throw checkpointFileMissing(path, 'it describes the model of the weights')
  return readJson(path)
}

/** `name` is that of a file with all of them. */
export function readStoredTensors(folder: string, name = 'model.safetensors'): StoredTensors {
  const single = join(folder, name)
  const index = join(folder, `${name}.index.json`)
  try {
    if (existsSync(single)) {
      const { tensors } = readHeader(single)
      return { tensors, expectedIn: () => single, outOfSight: () => false, issues: [] }
    }
    if (existsSync(index)) return readShards(folder, index)
    throw checkpointFileMissing(single, `and so is ${name}.index.json, which would name its shards`)
  } catch (error) {
    const issues = [asIssue(error)]
    return { tensors: new Map(), expectedIn: () => folder, outOfSight: () => true, issues }
  }
}

function readShards(folder: string, index: string): StoredTensors {
  const { shards, unplaced, issues } = readIndex(index)
  const tensors = new Map<string, SafetensorsTensor>()
  const outOfSight = new Set(unplaced)
  const promised = new Map<string, string>()
  for (const [shard, names] of shards) {
    const path = join(folder, shard)
    for (const name of names) promised.set(name, path)
    try {
      if (!existsSync(path))
        throw checkpointFileMissing(path, `the index has ${names.length} tensor(s) in it`)
      const header = readHeader(path)
      for (const name of names) {
        const tensor = header.tensors.get(name)
        if (tensor) tensors.set(name, tensor)
      }
    } catch (error) {
      issues.push(asIssue(error))
      for (const name of names) outOfSight.add(name)
    }
  }
  return {
    tensors,
    expectedIn: (name) => promised.get(name) ?? index,
    outOfSight: (name) => outOfSight.has(name),
    issues,
  }
}

interface ShardIndex {
  /** Names of tensors by the file name of their shard. */
  readonly shards: ReadonlyMap<string, readonly string[]>
  readonly unplaced: readonly string[]
  readonly issues: HadalError[]
}

function readIndex(path: string): ShardIndex {
  const map = (readJson(path) as { weight_map?: unknown } | null)?.weight_map
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw checkpointJsonInvalid(path, 'its weight_map must be an object of shard files by tensor name')
  const shards = new Map<string, string[]>()
  const unplaced: string[] = []
  const issues: HadalError[] = []
  for (const [name, shard] of Object.entries(map)) {
    // Shards are in the same folder as their index; an untrusted index must not reach other folders.
    if (typeof shard !== 'string' || !/^[^/\\]*\.safetensors$/.test(shard) || basename(shard) !== shard) {
      const found = typeof shard === 'string' ? JSON.stringify(shard.slice(0, 100)) : typeof shard
      const reason = `weight_map assigns ${JSON.stringify(name.slice(0, 200))} to ${found}, which is not a shard file name`
      issues.push(checkpointJsonInvalid(path, reason))
      unplaced.push(name)
      continue
    }
    const names = shards.get(shard)
    if (names) names.push(name)
    else shards.set(shard, [name])
  }
  return { shards, unplaced, issues }
}

/** Throws `safetensors_invalid` or `tensor_file_unreadable`. */
function readHeader(path: string): { readonly tensors: ReadonlyMap<string, SafetensorsTensor> } {
  checkRegular(path)
  using file = openSafetensors(path)
  return { tensors: file.tensors }
}

function readJson(path: string): unknown {
  checkRegular(path)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw tensorFileUnreadable(path, messageOf(cause)).with({ cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw checkpointJsonInvalid(path, `it is not JSON (${messageOf(cause)})`).with({ cause })
  }
}

/** Checked before opening: a folder would be searched for weights, and a named pipe would block. */
function checkRegular(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw tensorFileUnreadable(path, 'it is not a regular file')
}

/** Returns an error of the files; rethrows everything else. */
export function asIssue(error: unknown): HadalError {
  if (isHadalError(error)) return error
  throw error
}
