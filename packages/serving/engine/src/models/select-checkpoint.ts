/**
 * Selects the files of the checkpoint at the top of a repository: what training needs, and nothing that executes code when
 * read. Pure.
 */

import { checkpointIndexInvalid, checkpointIsPickle, checkpointNotFound } from './errors.ts'

export interface CheckpointFiles<F> {
  /** config.json first. Includes the weights if they are a single file, and their index if they are sharded. */
  readonly files: readonly F[]
  /** For sharded weights: the index, and all files that it may name. */
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
/** A file next to its index: no path. */
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
  // If there are both, the single file is loaded.
  if (weights) return { files: [...files, weights] }
  if (!index) throw checkpointNotFound(ref, `${single} or ${indexName}`)
  const candidates = [...byPath.values()].filter(({ path }) => shardPattern.test(path))
  return { files: [...files, index], sharded: { index, candidates } }
}

/** The `candidates` that an index names, each once. Throws `checkpoint_index_invalid` or `checkpoint_not_found`. */
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
