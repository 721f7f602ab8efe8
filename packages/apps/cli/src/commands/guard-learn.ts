/** `hadal guard learn`: adds a reviewed attack to the known ones; lists and forgets learned ones. */

import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  AttackIndex,
  decodeBytes,
  type KnownAttack,
  learnAttack,
  rateShares,
  resolvePolicy,
} from '@hadal/guard'
import {
  start,
  filesOf,
  fit,
  type GuardPlace,
  guardPlace,
  ReviewFile,
  readTexts,
  reviewPath,
  showAll,
} from '@hadal/guard-lab'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, readBytes, say, usage, visibleLength } from '@hadal/output'

export interface GuardLearnFlags {
  readonly attacks?: string
  readonly benign?: string
  readonly id?: string
  readonly source?: string
  readonly list?: boolean
  readonly forget?: string
  readonly config?: string
  readonly json?: boolean
}

const command = 'hadal guard learn'

export async function guardLearn(
  given: string | undefined,
  flags: GuardLearnFlags,
  terminal: Terminal,
  input: AsyncIterable<Uint8Array | string> = process.stdin,
): Promise<number> {
  const wanted = [given !== undefined, flags.list === true, flags.forget !== undefined].filter(Boolean)
  if (wanted.length !== 1) throw usage(say`specify a text, - for standard input, --list or --forget`, command)
  const { config } = flags
  const place = await guardPlace({ ...(config !== undefined && { config }) }, terminal, command)
  const path = await additionsPath(flags, place, terminal)
  const index = AttackIndex.open({ additions: path })
  for (const line of index.damaged)
    terminal.note(terminal.noteStyle.yellow(say`${line} is unreadable and was skipped`))
  if (flags.list) return list(index, flags, terminal)
  if (flags.forget !== undefined) {
    await index.forget(flags.forget)
    if (flags.json) terminal.print(JSON.stringify({ forgotten: flags.forget }))
    else terminal.print(say`forgot ${flags.forget}; services watching ${path} apply it within seconds`)
    return exitCodes.success
  }
  const text = given === '-' ? decodeBytes(await readBytes(input)) : given!
  const { outcome, id } = await learnAttack(index, text, {
    benign: await benignTexts(flags, place, terminal),
    blocksAt: thresholdOf(place),
    ...(flags.id !== undefined && { id: flags.id }),
    ...(flags.source !== undefined && { source: flags.source }),
  })
  if (flags.json) terminal.print(JSON.stringify({ outcome, id }, null, 2))
  else if (outcome === 'known') terminal.print(say`nothing to learn: ${id} is nearly identical`)
  else terminal.print(say`learnt as ${id}; services watching ${path} apply it within seconds`)
  return exitCodes.success
}

/** Throws `usage` if no file is configured. */
async function additionsPath(
  { attacks }: GuardLearnFlags,
  place: GuardPlace,
  { folder }: Terminal,
): Promise<string> {
  const path = attacks === undefined ? filesOf(place).attacks : resolve(folder, attacks)
  if (path === undefined)
    throw usage(
      say`no attacks file: set --attacks, or files.attacks of the guard in the config file`,
      command,
    )
  await mkdir(dirname(path), { recursive: true })
  return path
}

/** The threshold of this policy's check. */
function thresholdOf({ settings }: GuardPlace): { falsePositiveRate: number } | { cosine: number } {
  const { checks, falsePositiveRate } = resolvePolicy(settings)
  const { cosine, falsePositiveRate: own = falsePositiveRate * rateShares.similarity } = checks.similarity
  return cosine === undefined ? { falsePositiveRate: own } : { cosine }
}

/** In addition to those of the index: texts of a file, and texts reviewed as benign. */
async function benignTexts(
  { benign }: GuardLearnFlags,
  place: GuardPlace,
  { folder }: Terminal,
): Promise<string[]> {
  const own = benign === undefined ? [] : await readTexts([benign], folder)
  const reviews = await new ReviewFile(reviewPath(resolvePolicy(place.settings), place.folder)).read()
  return [...own, ...reviews].flatMap(({ isAttack, text }) => (isAttack || text === undefined ? [] : [text]))
}

async function list(index: AttackIndex, { json }: GuardLearnFlags, terminal: Terminal): Promise<number> {
  const learnt = (await index.entries()).filter(({ at }) => at !== undefined)
  if (json) terminal.print(JSON.stringify(learnt, null, 2))
  else if (learnt.length === 0) terminal.print(say`no learnt attacks`)
  else terminal.print(learntTable(learnt, terminal))
  return exitCodes.success
}

function learntTable(learnt: readonly KnownAttack[], { style, columns }: Terminal): string {
  const heads = ['id', say`learnt`, say`language`, say`source`, say`excerpt`].map(style.dim)
  // Untruncated, because --forget takes it.
  const ids = learnt.map(({ id }) => showAll(id))
  const idWidth = Math.max(...ids.map(visibleLength))
  const rows = learnt.map(({ at, language, source, text = '' }, index) => [
    ids[index]!,
    new Date(at!).toISOString().slice(0, 10),
    language,
    fit(source, 16),
    start(text, Math.max(12, columns - idWidth - 46)),
  ])
  return formatTable([heads, ...rows], ['left', 'left', 'left', 'left', 'left'])
}
