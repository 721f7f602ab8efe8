/** Input of an export: a model outside libtorch with everything a server needs to load it. */

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
   * Special tokens that end and begin a text. Default: those of `chatTokens`, where `end` ends the output of a model with a chat
   * template and `endOfText` everything else.
   */
  readonly roles?: TokenRoles
  /** The quantisation the weights were trained for. They are still fp32; the server rounds them. */
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
