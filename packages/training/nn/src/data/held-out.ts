/**
 * Which documents are held out for validation: decided by what a document says, never by where it stands. So the split is
 * the same for files in any order, with rows added or taken away, and equal rows are never on both sides.
 */

import { createHash } from 'node:crypto'
import type { TrainingDocument } from './parse-row.ts'

/**
 * A larger `share` (0 to 1) holds out all that a smaller one does.
 *
 * @internal
 */
export function isHeldOut(document: TrainingDocument, share: number): boolean {
  return share > 0 && contentShare(document) < share
}

/** In [0, 1), spread evenly: the first 48 bits of a SHA-256. */
function contentShare(document: TrainingDocument): number {
  const content = 'text' in document ? document.text : JSON.stringify([document.messages, document.tools])
  return createHash('sha256').update(content).digest().readUIntBE(0, 6) / 2 ** 48
}
