/**
 * A tokenizer's parts as the GGUF metadata that makes llama.cpp cut text into the same tokens. llama.cpp has the patterns
 * built in and knows them by name; it never brings text to NFC.
 */

import { type GgufMetadata, gguf } from '@hadal/formats'
import { spellBytes } from './byte-alphabet.ts'
import { tokenizerNotInLlama } from './errors.ts'
import { gpt2Pattern, llama3Pattern, qwen2Pattern, samePatterns } from './pre-tokenizer.ts'
import type { TokenizerParts } from './tokenizer-parts.ts'

/** Special tokens by role. */
export interface TokenRoles {
  /** Ends what a model generates. */
  readonly end: string
  /** Begins a text. Default: `end`. */
  readonly begin?: string
  /** Whether a server puts `begin` before each prompt. Default false. */
  readonly addBegin?: boolean
  /** Fills batches. Default: `end`. */
  readonly pad?: string
}

const names: readonly (readonly [name: string, pattern: string, ignoreMerges: boolean])[] = [
  ['qwen2', qwen2Pattern, false],
  ['gpt-2', gpt2Pattern, false],
  ['llama-bpe', llama3Pattern, true],
]

/** `special` gives the id of a special token or throws. Throws `nn_tokenizer_not_in_llama` for an unknown pattern. */
export function ggufMetadata(
  parts: TokenizerParts,
  roles: TokenRoles,
  special: (token: string) => number,
): GgufMetadata {
  const { patterns, tokens, merges, specialTokens, ignoreMerges = false } = parts
  const known = names.find((entry) => samePatterns(patterns, [entry[1]]) && entry[2] === ignoreMerges)
  if (known === undefined) throw tokenizerNotInLlama(patterns)
  const { end, begin = end, pad = end, addBegin = false } = roles
  const spellings = tokens.map(spellBytes)
  const types = new Array<number>(tokens.length).fill(normalToken)
  for (const [token, id] of specialTokens) {
    spellings[id] = token
    types[id] = controlToken
  }
  return {
    'tokenizer.ggml.model': gguf.string('gpt2'),
    'tokenizer.ggml.pre': gguf.string(known[0]),
    'tokenizer.ggml.tokens': gguf.strings(spellings),
    'tokenizer.ggml.token_type': gguf.int32s(types),
    'tokenizer.ggml.merges': gguf.strings(
      merges.map(([left, right]) => `${spellings[left]} ${spellings[right]}`),
    ),
    'tokenizer.ggml.bos_token_id': gguf.uint32(special(begin)),
    'tokenizer.ggml.eos_token_id': gguf.uint32(special(end)),
    'tokenizer.ggml.padding_token_id': gguf.uint32(special(pad)),
    'tokenizer.ggml.add_bos_token': gguf.bool(addBegin),
  }
}

/** llama.cpp's token types. */
const normalToken = 1
const controlToken = 3
