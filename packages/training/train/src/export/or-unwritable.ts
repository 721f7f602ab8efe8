/** Maps filesystem errors of an export. */

import { isHadalError, messageOf } from '@hadal/base'
import { exportUnwritable } from '../errors.ts'

/**
 * Turns system errors (ENOTDIR, EEXIST, EACCES, ENOSPC, ...) into `train_export_unwritable`.
 *
 * @internal
 */
export function orUnwritable<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (cause) {
    if (isHadalError(cause) || (cause as NodeJS.ErrnoException).code === undefined) throw cause
    throw exportUnwritable(path, messageOf(cause)).with({ cause })
  }
}
