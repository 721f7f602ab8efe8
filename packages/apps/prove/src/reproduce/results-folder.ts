/** The folder of a report: `report.json`, `report.html`, and a folder of raw results for each claim. */

import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import type { Claim } from '../claim.ts'
import { proveFolderUnreadable, proveFolderUnwritable } from '../errors.ts'
import { judgeRaw } from '../report/judge-raw.ts'
import type { ClaimResult, ProveReport } from '../report/prove-report.ts'
import { logFileName, rawFileName } from './measure-claim.ts'
import { aboutClaim } from './run-claims.ts'

/** With room for what claims leave. Throws `prove_folder_unwritable`, also where that would take the place of something else. */
export async function makeFolder(folder: string, claims: readonly Pick<Claim, 'id'>[]): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true }))
  for (const { id } of claims) {
    const there = await readdir(join(folder, id)).catch((): string[] => [])
    if (there.length > 0 && !there.includes(logFileName))
      throw proveFolderUnwritable(join(folder, id), 'what is there comes from no earlier measurement')
  }
}

/** Whole, or as it was before. Throws `prove_folder_unwritable`. */
export async function keepText(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name)
  await writing(folder, async () => {
    await writeFile(`${file}.unfinished`, text)
    await rename(`${file}.unfinished`, file)
  })
}

async function writing(folder: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw proveFolderUnwritable(folder, messageOf(cause)).with({ cause })
  }
}

/** Reads a saved report and judges every claim again from its saved measurements. Throws `prove_folder_unreadable`. */
export async function readResults(folder: string, claims: readonly Claim[]): Promise<ProveReport> {
  const kept = await readFile(join(folder, 'report.json'), 'utf8')
    .then((text) => JSON.parse(text) as ProveReport)
    .catch((cause: unknown) => {
      throw proveFolderUnreadable(folder, messageOf(cause)).with({ cause })
    })
  if (!Array.isArray(kept.results)) throw proveFolderUnreadable(folder, 'report.json is no report')
  const results = await Promise.all(
    kept.results.map(async (result) => {
      const claim = claims.find(({ id }) => id === result.id)
      const rawText = await rawTextOf(folder, result)
      if (claim === undefined || rawText === undefined) return result
      const { judgement: _, failure: __, ...rest } = result
      return { ...rest, ...aboutClaim(claim), ...judgeRaw(claim, rawText, kept.mode) }
    }),
  )
  return { ...kept, results }
}

/** By id, of those that were measured. */
export async function rawTextsOf(folder: string, { results }: ProveReport): Promise<Record<string, string>> {
  const texts = await Promise.all(
    results.map(async (result) => [result.id, await rawTextOf(folder, result)] as const),
  )
  return Object.fromEntries(texts.flatMap(([id, text]) => (text === undefined ? [] : [[id, text]])))
}

/** Undefined where nothing was measured. Such an id stays within the folder. */
async function rawTextOf(folder: string, { id }: Pick<ClaimResult, 'id'>): Promise<string | undefined> {
  if (!/^[a-z0-9-]+$/.test(id)) return undefined
  return readFile(join(folder, id, rawFileName), 'utf8').catch(() => undefined)
}
