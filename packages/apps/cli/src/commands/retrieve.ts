/** `hadal retrieve`: retrieval accuracy of a dual encoder between images and captions. Loads libtorch. */

import { basename, resolve } from 'node:path'
import { formatCount } from '@hadal/base'
import { embedImages, embedTexts, openTowers, thumbnailsOf } from '@hadal/models'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, tryReportFile, usage, wholeNumberFlag, writeReportFile } from '@hadal/output'
import { version } from '@hadal/service'
import {
  noUsableImages,
  pairUp,
  type Recall,
  rankQueries,
  readImageText,
  recallOf,
  retrievalPage,
  type SkippedRow,
  shownImages,
  skippedSummary,
  splitByImage,
} from '@hadal/train'

export interface RetrieveFlags {
  readonly data: string
  readonly report?: string
  readonly title?: string
  readonly shown: string
  readonly heldOut?: string
  readonly threads?: string
  readonly json?: boolean
}

const command = 'hadal retrieve'

export async function retrieve(given: string, flags: RetrieveFlags, terminal: Terminal): Promise<number> {
  const shown = wholeNumberFlag(flags.shown, '--shown', command)
  const threads =
    flags.threads === undefined ? undefined : wholeNumberFlag(flags.threads, '--threads', command)
  const share = flags.heldOut === undefined ? undefined : shareFlag(flags.heldOut)
  const report = flags.report === undefined ? undefined : resolve(terminal.folder, flags.report)
  if (report !== undefined) await tryReportFile(report)

  const folder = resolve(terminal.folder, given)
  const path = resolve(terminal.folder, flags.data)
  const data = readImageText(path)
  const wanted = share === undefined ? data.rows : splitByImage(data.rows, share).valid
  if (wanted.length === 0) throw noUsableImages(path, data.skipped)
  terminal.status(`loading ${folder}`)
  const opened = await openTowers(folder, threads)
  const {
    rows,
    embeddings: images,
    skipped: undecoded,
  } = await embedImages(opened, wanted, (done) => terminal.status(`images ${done} of ${wanted.length}`))
  const skipped = [...data.skipped, ...undecoded]
  if (rows.length === 0) throw noUsableImages(path, skipped)
  const warning = skippedSummary({ rows, skipped })
  if (warning !== undefined) terminal.note(terminal.noteStyle.yellow(`warning: ${warning}`))

  const pairing = pairUp(rows.map(({ captions }) => captions))
  const texts = embedTexts(opened, pairing.texts, (done) =>
    terminal.status(`captions ${done} of ${pairing.texts.length}`),
  )
  const byText = rankQueries(texts, images, pairing.imagesOfText)
  const byImage = rankQueries(images, texts, pairing.textsOfImage)
  terminal.status('')

  const [textRecall, imageRecall] = [recallOf(byText), recallOf(byImage)]
  if (flags.json) terminal.print(json(textRecall, imageRecall, skipped))
  else terminal.print(recallTable(textRecall, imageRecall, terminal))
  if (report === undefined) return exitCodes.success

  const facts = [
    `${given} (${formatCount(opened.towers.model.parameterCount)} parameters)`,
    share === undefined ? flags.data : `${share} of ${flags.data}`,
    `${formatCount(rows.length)} images`,
    `${formatCount(pairing.texts.length)} captions`,
    `hadal ${version}`,
    new Date().toISOString().slice(0, 10),
  ]
  const title = flags.title ?? `${basename(folder)} on ${basename(path)}`
  const imageNames = rows.map(({ name }) => name)
  const reported = { title, facts, warning, pairing, byText, byImage, imageNames, shown }
  const thumbnails = await thumbnailsOf(rows, shownImages(reported))
  await writeReportFile(report, retrievalPage({ ...reported, thumbnails }))
  if (!flags.json) terminal.print(`\nreport: ${flags.report}`)
  return exitCodes.success
}

function recallTable(byText: Recall, byImage: Recall, { style }: Terminal): string {
  const row = (name: string, { at, medianRank, queries }: Recall): string[] => [
    name,
    ...Object.values(at).map((share) => `${(100 * share).toFixed(1)} %`),
    `${medianRank}`,
    formatCount(queries),
  ]
  const heads = ['', ...Object.keys(byText.at).map((k) => `R@${k}`), 'median rank', 'queries'].map(style.dim)
  return formatTable(
    [heads, row('caption to image', byText), row('image to caption', byImage)],
    ['left', ...Array<'right'>(heads.length - 1).fill('right')],
  )
}

const json = (captionToImage: Recall, imageToCaption: Recall, skipped: readonly SkippedRow[]): string =>
  JSON.stringify({ captionToImage, imageToCaption, skipped }, null, 2)

function shareFlag(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1))
    throw usage(`--held-out takes a share above 0 and up to 1, not ${text}`, command)
  return value
}
