/** The bundled labelled texts: written for this package, and used by `hadal guard train` in addition to custom ones. */

import { readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type LabelledText, readLabelledTexts } from './labelled-text.ts'

const folder = new URL('../data/', import.meta.url)
/** Evaluation only, never trained on: `trigger-words.jsonl`. */
const isTrainedOn = (name: string): boolean => /^(?:attacks|benign)-.*\.jsonl$/.test(name)

/**
 * Absolute paths. `bundled`: the training texts.
 *
 * @internal
 */
export function ownTextFiles(which: 'bundled' | 'trigger-words'): readonly string[] {
  const names = which === 'bundled' ? readdirSync(folder).filter(isTrainedOn) : ['trigger-words.jsonl']
  return names.toSorted().map((name) => fileURLToPath(new URL(name, folder)))
}

/**
 * Sorted by file name.
 *
 * @example
 * ```ts
 * import { ownTexts } from '@hadal/guard'
 *
 * const texts = await ownTexts() // those that come along: written by hand, attacks and benign ones
 * texts.some(({ isAttack }) => isAttack) // → true
 * ```
 */
export async function ownTexts(): Promise<LabelledText[]> {
  const names = (await readdir(folder)).filter(isTrainedOn).toSorted()
  const texts: LabelledText[] = []
  for (const name of names)
    for await (const row of readLabelledTexts(fileURLToPath(new URL(name, folder)))) texts.push(row)
  return texts
}

/**
 * Benign texts full of attack vocabulary.
 *
 * @internal
 */
export async function triggerTexts(): Promise<LabelledText[]> {
  const texts: LabelledText[] = []
  for await (const row of readLabelledTexts(fileURLToPath(new URL('trigger-words.jsonl', folder))))
    texts.push(row)
  return texts
}
