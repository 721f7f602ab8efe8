/** Hashes the prefix of a prompt block by block, to find out who computed it before. Pure. */

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

function blocksOf(prompt: Prompt): number[] {
  if (typeof prompt !== 'string' && !('pieces' in prompt))
    return hashBlocks(prompt.length, blockTokens, (at) => prompt[at]!)
  const text = typeof prompt === 'string' ? prompt : prompt.pieces.join('')
  return hashBlocks(text.length, blockChars, (at) => text.charCodeAt(at))
}

/** Whole blocks only: a partial one would change with the next turn. */
function hashBlocks(length: number, size: number, wordAt: (at: number) => number): number[] {
  const blocks: number[] = []
  for (let from = 0; from + size <= length && blocks.length < maxBlocks; from += size) {
    let hash = basis
    for (let at = from; at < from + size; at += 1) hash = mix(hash, wordAt(at))
    blocks.push(hash)
  }
  return blocks
}

/** FNV-1a by 32-bit words (http://www.isthe.com/chongo/tech/comp/fnv/). A collision only costs a suboptimal choice. */
const basis = 0x811c9dc5
const mix = (hash: number, word: number): number => Math.imul(hash ^ word, 0x01000193)
