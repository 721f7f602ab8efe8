/** What an export begins with: a model outside libtorch and all that a server needs beside it. */

import { chatTokens, type ModelConfig, type Tokenizer, type TokenRoles } from '@hadal/nn'
import type { TrainedQuantization } from '../quantization/trained-quantization.ts'
import type { Weights } from '../weights.ts'

export interface ModelFile {
  readonly config: ModelConfig
  readonly weights: Weights
  readonly tokenizer: Tokenizer
  /** Jinja; how a server turns messages into a prompt. */
  readonly chatTemplate?: string
  /**
   * Which special tokens end and begin a text. By default those of `chatTokens`: `end` ends what a model with a chat template
   * generates, `endOfText` everything else.
   */
  readonly roles?: TokenRoles
  /** What a run has trained the weights for: they are fp32 still, and what serves them rounds them so. */
  readonly quantization?: TrainedQuantization
}

export function rolesOf({ chatTemplate, roles }: ModelFile): Required<TokenRoles> {
  const { end, begin, pad, addBegin } = roles ?? {
    end: chatTemplate === undefined ? chatTokens.endOfText : chatTokens.end,
    begin: chatTokens.endOfText,
    pad: chatTokens.endOfText,
  }
  return { end, begin: begin ?? end, pad: pad ?? end, addBegin: addBegin ?? false }
}
