/** Finds the prefixes kept by an earlier process, and decides where those of this one are stored. */

import { availableMemory } from 'node:process'
import type { LlamaConfig } from '../options.ts'
import { libraryVersion } from '../structs.ts'
import type { LoadedModel } from './open-generator.ts'
import { PrefixFiles } from './prefix-files.ts'
import { pinnedShare } from './saved-states.ts'

/** Share of the free memory, and maximum, for evicted states. */
const [hostShare, maxHostBytes] = [1 / 8, 1024 ** 3]

export const hostCacheBytes = (config: LlamaConfig): number =>
  config.hostCacheBytes ?? Math.floor(Math.min(availableMemory() * hostShare, maxHostBytes))

/** Undefined if none are kept. */
export async function openPrefixes(
  config: LlamaConfig,
  { plan, divisible, paths }: LoadedModel,
): Promise<PrefixFiles | undefined> {
  if (config.snapshotDir === null || !divisible) return undefined
  const { contextLength, cells, shared, flashAttention, invariant } = plan
  const settings = [
    libraryVersion,
    process.arch,
    config.gpuLayers,
    contextLength,
    cells,
    shared,
    flashAttention,
    invariant,
  ]
  const maxBytes = hostCacheBytes(config) * pinnedShare
  const identity = { modelPaths: paths, settings }
  // The parent writes stderr to its log.
  return PrefixFiles.open(config.snapshotDir, identity, maxBytes, (what) => process.stderr.write(`${what}\n`))
}
