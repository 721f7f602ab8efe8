/** The data of a byte-level BPE tokenizer. */

import type { Merge } from './merge-table.ts'

export interface TokenizerParts {
  /** Applied in order, each to the pieces of the one before. */
  readonly patterns: readonly string[]
  /** Bytes of each token id. Contains all 256 single bytes; special tokens are in UTF-8. */
  readonly tokens: readonly Uint8Array[]
  readonly merges: readonly Merge[]
  readonly specialTokens: ReadonlyMap<string, number>
  /** Text is brought to NFC first, as Qwen's own files ask; decoding then gives the NFC form. */
  readonly normalizeNfc?: boolean
  /** A piece that is itself a token is taken whole, as Llama 3 does, even when no merges lead to it. */
  readonly ignoreMerges?: boolean
}
