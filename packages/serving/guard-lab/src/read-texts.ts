/** Reads labelled files for guard commands. */

import { resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import { type LabelledText, readLabelledTexts } from '@hadal/guard'
import { say } from '@hadal/output'
import { guardDataUnreadable } from './errors.ts'

/** A text with its location for reports. */
export type PlacedText = LabelledText & { readonly at: string }

/** Throws `guard_data_unreadable`, or `guard_data_invalid` with the line. */
export async function readTexts(paths: readonly string[], folder: string): Promise<PlacedText[]> {
  const texts: PlacedText[] = []
  for (const path of paths) {
    let number = 0
    try {
      for await (const row of readLabelledTexts(resolve(folder, path))) {
        number += 1
        texts.push({ ...row, at: `${path}:${number}` })
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause
      throw guardDataUnreadable(path, messageOf(cause)).with({ cause })
    }
    if (number === 0) throw guardDataUnreadable(path, say`it contains no texts`)
  }
  return texts
}
