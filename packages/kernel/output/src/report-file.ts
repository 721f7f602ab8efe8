/** The output file of a report, checked before the work begins, because that may take an hour. */

import { open, rm, stat, writeFile } from 'node:fs/promises'
import { messageOf } from '@hadal/base'
import { reportUnwritable } from './errors.ts'

/** Throws `report_unwritable`. Leaves an existing file unchanged, and removes the one it creates. */
export async function tryReportFile(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  try {
    await (await open(path, 'a')).close()
    if (!isThere) await rm(path)
  } catch (cause) {
    throw reportUnwritable(path, messageOf(cause)).with({ cause })
  }
}

/** Throws `report_unwritable`. */
export async function writeReportFile(path: string, text: string | Uint8Array): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw reportUnwritable(path, messageOf(cause)).with({ cause })
  })
}

/** For an export to `out`: the parity report of a previous file does not apply to a new one. */
export async function dropParityReport(out: string): Promise<void> {
  // If that fails, the subsequent write reports why.
  for (const ending of ['json', 'md'])
    await rm(`${out}.parity.${ending}`, { force: true }).catch(() => undefined)
}
