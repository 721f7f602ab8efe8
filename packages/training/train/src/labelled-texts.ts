/** Reads JSONL of labelled texts, `{"text": "...", "label": 0}` or `{"text": "...", "label": "spam"}`, into data for `classes`. */

import { checkVocabulary, isHeldOut } from '@hadal/nn'
import { type JsonRow, type RowIssue, type RowOptions, readRows } from './read-rows.ts'
import type { LabelledTexts } from './training-data.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface LabelledTextsOptions extends RowOptions {
  readonly vocabulary: Vocabulary
  /** The model's `vocab_size`. */
  readonly modelVocabSize: number
  /** Tokens per row; longer texts are truncated. */
  readonly length: number
  /** The names of classes 0, 1, ...; without them labels are numbers. */
  readonly classes?: readonly string[]
  /** Default `text`. */
  readonly textField?: string
  /** Default `label`. */
  readonly labelField?: string
  /** Share of held-out texts, chosen by their content. Default 0.05. */
  readonly validShare?: number
}

export interface LabelledData {
  readonly train: LabelledTexts
  readonly valid: LabelledTexts
  /** The number of named classes, or the highest label plus one. */
  readonly classes: number
}

interface LabelledRow {
  readonly tokens: readonly number[]
  readonly label: number
  readonly isHeldOut: boolean
}

/**
 * Throws what `streamWindows` throws.
 *
 * @example
 * ```ts
 * import { labelledTexts, readModel } from '@hadal/train'
 * import { loadTokenizer } from '@hadal/nn'
 *
 * const { train, valid, classes } = labelledTexts({
 *   files: ['reviews.jsonl'], // {"text": "...", "label": "good"}
 *   vocabulary: loadTokenizer('models/base'),
 *   modelVocabSize: readModel('models/base').model.vocab_size,
 *   length: 256,
 *   validShare: 0.1,
 * })
 * ```
 */
export function labelledTexts(options: LabelledTextsOptions): LabelledData {
  const { vocabulary, length, validShare = 0.05 } = options
  checkVocabulary(vocabulary.tokenizer, options.modelVocabSize)
  const rows = readRows(options, (row): LabelledRow | RowIssue => {
    const read = readLabelled(row, options)
    if ('issue' in read) return read
    const tokens = vocabulary.tokenizer.encode(read.text).slice(0, length)
    return { tokens, label: read.label, isHeldOut: isHeldOut({ text: read.text }, validShare) }
  })
  const part = (held: boolean): LabelledTexts => {
    const chosen = rows.filter(({ isHeldOut: is }) => is === held)
    const inputs = new Int32Array(chosen.length * length).fill(vocabulary.endOfText)
    chosen.forEach(({ tokens }, row) => {
      inputs.set(tokens, row * length)
    })
    return {
      length,
      inputs,
      sizes: Int32Array.from(chosen, ({ tokens }) => tokens.length),
      labels: Int32Array.from(chosen, ({ label }) => label),
    }
  }
  const highest = rows.reduce((most, { label }) => Math.max(most, label), 0)
  return { train: part(false), valid: part(true), classes: options.classes?.length ?? highest + 1 }
}

function readLabelled(
  row: JsonRow,
  { textField = 'text', labelField = 'label', classes }: LabelledTextsOptions,
): { readonly text: string; readonly label: number } | RowIssue {
  const { [textField]: text, [labelField]: given } = row
  if (typeof text !== 'string' || text === '') return { issue: `${textField} must be a non-empty string` }
  const label = classes && typeof given === 'string' ? classes.indexOf(given) : given
  if (Number.isSafeInteger(label) && (label as number) >= 0 && (label as number) < (classes?.length ?? 1e6))
    return { text, label: label as number }
  const wanted = classes ? `must be one of ${classes.join(', ')}` : 'must be a whole number of at least 0'
  return { issue: `${labelField} ${wanted}, got ${JSON.stringify(given) ?? 'nothing'}` }
}
