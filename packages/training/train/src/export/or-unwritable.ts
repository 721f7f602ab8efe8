/** Where the system refuses what an export would write. Knows no format. */

import { isHadalError, messageOf } from '@hadal/base'
import { exportUnwritable } from '../errors.ts'

/**
 * What the system refuses (ENOTDIR, EEXIST, EACCES, ENOSPC, ...) becomes `train_export_unwritable`.
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
