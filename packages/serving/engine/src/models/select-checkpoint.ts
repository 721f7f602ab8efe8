/**
 * Chooses, among the files of a repository, those of the checkpoint at its top: what training needs of it, and nothing that
 * runs code when it is read. Pure.
 */

import { checkpointIndexInvalid, checkpointIsPickle, checkpointNotFound } from './errors.ts'

export interface CheckpointFiles<F> {
  /** config.json first. With the weights where they are one file, and with the index where they are several. */
  readonly files: readonly F[]
  /** Of weights in several files: what says which those are, and all that it may name. */
  readonly sharded?: { readonly index: F; readonly candidates: readonly F[] }
}

const single = 'model.safetensors'
const indexName = `${single}.index.json`
const needed = 'config.json'
const whereThere = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'chat_template.json',
  'preprocessor_config.json',
]
const picklePattern = /^[^/]+\.(?:bin|pt|pth|ckpt|pkl)$/i
/** Of a file beside its index: no path. */
const shardPattern = /^[^/\\]+\.safetensors$/

/** Throws `checkpoint_is_pickle` or `checkpoint_not_found`. */
export function selectCheckpoint<F extends { readonly path: string }>(
  all: readonly F[],
  ref: string,
): CheckpointFiles<F> {
  const byPath = new Map(all.map((file) => [file.path, file]))
  const weights = byPath.get(single)
  const index = byPath.get(indexName)
  const pickles = [...byPath.keys()].filter((path) => picklePattern.test(path))
  if (!weights && !index && pickles.length > 0) throw checkpointIsPickle(ref, pickles)
  const config = byPath.get(needed)
  if (!config) throw checkpointNotFound(ref, needed)
  const files = [config, ...whereThere.flatMap((name) => byPath.get(name) ?? [])]
  // Where there are both, the single file is what gets loaded.
  if (weights) return { files: [...files, weights] }
  if (!index) throw checkpointNotFound(ref, `${single} or ${indexName}`)
  const candidates = [...byPath.values()].filter(({ path }) => shardPattern.test(path))
  return { files: [...files, index], sharded: { index, candidates } }
}

/** Those of `candidates` that an index names, each once. Throws `checkpoint_index_invalid` or `checkpoint_not_found`. */
export function selectShards<F extends { readonly path: string }>(
  indexText: string,
  candidates: readonly F[],
  ref: string,
): F[] {
  const byPath = new Map(candidates.map((file) => [file.path, file]))
  return namesIn(indexText, ref).map((name) => {
    if (typeof name !== 'string' || !shardPattern.test(name)) {
      const found = JSON.stringify(name).slice(0, 100)
      throw checkpointIndexInvalid(ref, `names ${found}, which is no file name of a shard`)
    }
    const shard = byPath.get(name)
    if (!shard) throw checkpointNotFound(ref, `${name.slice(0, 100)}, which its index names`)
    return shard
  })
}

function namesIn(indexText: string, ref: string): unknown[] {
  let map: unknown
  try {
    map = (JSON.parse(indexText) as { weight_map?: unknown } | null)?.weight_map
  } catch (cause) {
    throw checkpointIndexInvalid(ref, 'is not JSON').with({ cause })
  }
  const names = typeof map === 'object' && map !== null ? [...new Set<unknown>(Object.values(map))] : []
  if (names.length === 0) throw checkpointIndexInvalid(ref, 'has no weight_map with shards in it')
  return names
}
