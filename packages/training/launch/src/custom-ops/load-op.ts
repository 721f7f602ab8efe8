/** The default export of an op.ts. */

import type { OpModule } from '@hadal/tensor'
import { exportedRun } from '../exported-run.ts'
import { opFolderInvalid } from './errors.ts'

/** Throws `op_folder_invalid`, and what the file throws. */
export async function loadOp(file: string): Promise<OpModule> {
  const found = (await exportedRun(file)) as Partial<OpModule> | undefined
  const missing = (['definition', 'reference', 'arguments'] as const).filter(
    (key) => found?.[key] === undefined,
  )
  if (missing.length > 0) throw opFolderInvalid(file, `its default export has no ${missing.join(', no ')}`)
  return found as OpModule
}
