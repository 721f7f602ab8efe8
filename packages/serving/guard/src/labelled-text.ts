/** Labelled texts, one JSON object per line: for training the classifier and evaluating a guard. */

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { messageOf } from '@hadal/base'
import { type Language, type Role, roles } from './check.ts'
import { guardDataInvalid } from './errors.ts'
import { languageOf } from './language-of.ts'

export interface LabelledText {
  readonly text: string
  readonly isAttack: boolean
  /** The collection. Texts of one source share templates, so a source is used for training or evaluation, never both. */
  readonly source: string
  readonly language: Language
  /** Default `user`. */
  readonly role: Role
  /** Category of attack or benign text, if known. */
  readonly category?: string
}

/**
 * Throws `guard_data_invalid` with the position. `lang` is used for `en` and `zh`; otherwise the script decides.
 *
 * @example
 * ```ts
 * import { parseLabelledText } from '@hadal/guard'
 *
 * parseLabelledText('{"text":"hi","label":0,"source":"mine"}', 'line 1')
 * ```
 */
export function parseLabelledText(line: string, where: string): LabelledText {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch (cause) {
    throw guardDataInvalid(where, `not valid JSON (${messageOf(cause)})`).with({ cause })
  }
  const issue = (why: string): never => {
    throw guardDataInvalid(where, why)
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return issue('each line must be a JSON object')
  const { text, label, source = 'unnamed', lang, role = 'user', category } = row as Record<string, unknown>
  if (typeof text !== 'string') return issue('text must be a string')
  if (label !== 0 && label !== 1) return issue(`label must be 0 or 1, got ${JSON.stringify(label)}`)
  if (typeof source !== 'string') return issue('source must be a string')
  if (!(roles as readonly unknown[]).includes(role))
    return issue(`role must be one of ${roles.join(', ')}, got ${JSON.stringify(role)}`)
  return {
    text,
    isAttack: label === 1,
    source,
    language: lang === 'en' || lang === 'zh' ? lang : languageOf(text),
    role: role as Role,
    ...(typeof category === 'string' && { category }),
  }
}

/**
 * Reads a file of lines. Skips empty lines and those whose text is null, which are reviews of texts that were not kept. Throws
 * `guard_data_invalid` and file errors.
 *
 * @example
 * ```ts
 * import { readLabelledTexts } from '@hadal/guard'
 *
 * for await (const { text, isAttack, source } of readLabelledTexts('attacks.jsonl')) {
 *   console.log(isAttack ? 'attack' : 'benign', source, text.slice(0, 60))
 * }
 * ```
 */
export async function* readLabelledTexts(path: string): AsyncGenerator<LabelledText> {
  let number = 0
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1
    if (line.trim() !== '' && !line.startsWith('{"text":null,'))
      yield parseLabelledText(line, `${path}:${number}`)
  }
}
