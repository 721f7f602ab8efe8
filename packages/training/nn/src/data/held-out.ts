/**
 * Chooses held-out documents by content, never by position. So the split is stable under reordering, adding and removing rows, and
 * equal rows are always on the same side.
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

/** Uniform in [0, 1): the first 48 bits of a SHA-256. */
function contentShare(document: TrainingDocument): number {
  const content = 'text' in document ? document.text : JSON.stringify([document.messages, document.tools])
  return createHash('sha256').update(content).digest().readUIntBE(0, 6) / 2 ** 48
}
