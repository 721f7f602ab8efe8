/** Hashes the prefix of a prompt block by block, to find the replica that computed it before. Pure. */

import { PrefixHash } from '@hadal/batching'
import type { GenerateRequest, Prompt } from '../engine.ts'

export interface PromptBlocks {
  /** Keys and values are shared only between requests with the same root. */
  readonly root: string
  readonly blocks: readonly number[]
}

/** About 16 tokens of English. */
const blockChars = 64
const blockTokens = 16
/** Prompts that agree up to here are considered equal. */
const maxBlocks = 512

export function promptBlocks({
  prompt,
  owner = '',
  adapters,
  reusePrefix,
}: Pick<GenerateRequest, 'prompt' | 'owner' | 'adapters' | 'reusePrefix'>): PromptBlocks {
  const root = JSON.stringify([owner, adapters?.map(({ id, scale }) => [id, scale]) ?? null])
  return { root, blocks: reusePrefix === false ? [] : blocksOf(prompt) }
}

function blocksOf(prompt: Prompt): readonly number[] {
  if (typeof prompt !== 'string' && !('pieces' in prompt)) {
    const hash = new PrefixHash(blockTokens, maxBlocks)
    hash.add(prompt)
    return hash.blocks
  }
  const hash = new PrefixHash(blockChars, maxBlocks)
  for (const piece of typeof prompt === 'string' ? [prompt] : prompt.pieces) hash.add(piece)
  return hash.blocks
}
