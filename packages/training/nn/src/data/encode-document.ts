/** Encodes documents to tokens with loss masks: texts whole, conversations through their template. */

import { isHadalError } from '@hadal/base'
import type { LocatedDocument, ReadOptions } from './document-reader.ts'
import { type DataTokenizer, encodeConversation, type LearntTurns } from './encode-conversation.ts'
import { dataRowInvalid, dataTemplateFailed, tokenizerModelMismatch } from './errors.ts'
import type { TrainingDocument } from './parse-row.ts'
import type { ChatTemplate } from './render-template.ts'
import type { MaskedTokens } from './windows.ts'

export interface EncoderOptions {
  readonly tokenizer: DataTokenizer
  /** The id that ends a text. */
  readonly endOfText: number
  /** Needed for conversations. */
  readonly template?: ChatTemplate
  /** Default `all`. */
  readonly turns?: LearntTurns
}

export type DocumentEncoder = (document: TrainingDocument) => MaskedTokens

/** Marks an error that every conversation would raise. */
const noTemplate = Symbol('no chat template')

/**
 * Special tokens' texts in a text are ordinary text. The returned function throws as `encodeConversation`.
 *
 * @example
 * ```ts
 * import { documentEncoder, trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['hello world'], { vocabSize: 260, specialTokens: ['<|endoftext|>'] })
 * const encode = documentEncoder({ tokenizer, endOfText: tokenizer.specialTokens.get('<|endoftext|>') ?? 0 })
 * encode({ text: 'hello' }).tokens.length // → 6
 * ```
 */
export function documentEncoder(options: EncoderOptions): DocumentEncoder {
  const { tokenizer, endOfText, template, turns = 'all' } = options
  return (document) => {
    if ('text' in document) {
      const tokens = [...tokenizer.encode(document.text), endOfText]
      return { tokens, learn: tokens.map(() => true) }
    }
    if (template === undefined)
      throw dataTemplateFailed('none was given, but a row is a conversation').with({ cause: noTemplate })
    return encodeConversation(document, template, tokenizer, turns)
  }
}

/**
 * Encodes a document; undefined if that fails non-fatally, after `onSkipped` was called. Throws `nn_data_row_invalid`, with the
 * error of `encode` as its cause, if bad rows are fatal; and always `nn_chat_template_failed` for a conversation without a
 * template, which is not the row's error.
 *
 * @internal
 */
export function encodeRow(
  { document, path, line }: LocatedDocument,
  encode: DocumentEncoder,
  { onBadRow = 'fail', onSkipped }: Pick<ReadOptions, 'onBadRow' | 'onSkipped'>,
): MaskedTokens | undefined {
  try {
    return encode(document)
  } catch (thrown) {
    if (!isHadalError(thrown)) throw thrown
    if (thrown.cause === noTemplate)
      throw dataTemplateFailed(`none was given, but ${path}:${line} is a conversation`)
    if (onBadRow === 'fail') throw dataRowInvalid(path, line, thrown.message).with({ cause: thrown })
    onSkipped?.({ path, line, why: thrown.message })
    return undefined
  }
}

/**
 * Throws `nn_tokenizer_model_mismatch` if ids exceed the model's embedding.
 *
 * @internal
 */
export function checkVocabulary(tokenizer: Pick<DataTokenizer, 'vocabSize'>, modelVocabSize: number): void {
  if (tokenizer.vocabSize > modelVocabSize) throw tokenizerModelMismatch(tokenizer.vocabSize, modelVocabSize)
}
