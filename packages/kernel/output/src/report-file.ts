/** The file that a report goes to: tried before the work, for the work may take an hour. */

import { open, rm, stat, writeFile } from 'node:fs/promises'
import { messageOf } from '@hadal/base'
import { reportUnwritable } from './errors.ts'

/** Throws `report_unwritable`. Leaves what stands at `path` as it is, and nothing where nothing was. */
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

/** Of an export to `out`: what is said of the file before says nothing of the next one. */
export async function dropParityReport(out: string): Promise<void> {
  // Where that is impossible, whoever writes there says why.
  for (const ending of ['json', 'md'])
    await rm(`${out}.parity.${ending}`, { force: true }).catch(() => undefined)
}
