/** Finds the beginnings that an earlier life of the process kept, and where those of this one go. */

import { availableMemory } from 'node:process'
import type { LlamaConfig } from '../options.ts'
import { libraryVersion } from '../structs.ts'
import type { LoadedModel } from './open-generator.ts'
import { PrefixFiles } from './prefix-files.ts'
import { pinnedShare } from './saved-states.ts'

/** Of the free memory, and at most, for what leaves the cells. */
const [hostShare, maxHostBytes] = [1 / 8, 1024 ** 3]

export const hostCacheBytes = (config: LlamaConfig): number =>
  config.hostCacheBytes ?? Math.floor(Math.min(availableMemory() * hostShare, maxHostBytes))

/** Undefined where none are kept. */
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
  // The parent reads it into its log.
  return PrefixFiles.open(config.snapshotDir, identity, maxBytes, (what) => process.stderr.write(`${what}\n`))
}
