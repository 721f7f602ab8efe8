/**
 * `hadal classify`: zero-shot image classification, with accuracy if labels are known. Loads libtorch. ONNX models with class names are in
 * `onnx/classify-onnx.ts`.
 */

import { resolve } from 'node:path'
import type { ClassifyFlags } from '@hadal/models'
import {
  classesOf,
  embedImages,
  embedTexts,
  foldersOf,
  imagesAt,
  openTowers,
  reportClassified,
} from '@hadal/models'
import type { Terminal } from '@hadal/output'
import { usage, wholeNumberFlag } from '@hadal/output'
import {
  classify as classifyEmbeddings,
  defaultTemplates,
  ensembleClasses,
  noUsableImages,
  promptsOf,
  skippedSummary,
} from '@hadal/train'

const command = 'hadal classify'

export async function classify(
  given: string,
  paths: readonly string[],
  flags: ClassifyFlags,
  terminal: Terminal,
): Promise<number> {
  if (/\.onnx$/i.test(given))
    return (await import('@hadal/models/classify-onnx')).classifyOnnx(given, paths, flags, terminal)
  const top = wholeNumberFlag(flags.top, '--top', command)
  const threads =
    flags.threads === undefined ? undefined : wholeNumberFlag(flags.threads, '--threads', command)
  const templates = flags.template ?? defaultTemplates
  const withoutPlace = templates.find((template) => !template.includes('{}'))
  if (withoutPlace !== undefined)
    throw usage(`--template ${JSON.stringify(withoutPlace)} has no {} for the class`, command)
  const wanted = paths.flatMap((path) => imagesAt(path, terminal.folder))
  if (wanted.length === 0) throw noUsableImages(paths.join(', '), [])
  const classes = flags.classes === undefined ? foldersOf(wanted) : classesOf(flags.classes, terminal.folder)

  terminal.status(`loading ${given}`)
  const opened = await openTowers(resolve(terminal.folder, given), threads)
  const { rows, embeddings, skipped } = await embedImages(opened, wanted, (done) =>
    terminal.status(`images ${done} of ${wanted.length}`),
  )
  terminal.status('')
  if (rows.length === 0) throw noUsableImages(paths.join(', '), skipped)
  const warning = skippedSummary({ rows, skipped })
  if (warning !== undefined) terminal.note(terminal.noteStyle.yellow(`warning: ${warning}`))
  const prompts = embedTexts(opened, promptsOf(classes, templates), () => {})
  const found = classifyEmbeddings(embeddings, ensembleClasses(prompts, templates.length))
  return reportClassified({ rows, classes, found, skipped }, top, flags.json, terminal)
}
