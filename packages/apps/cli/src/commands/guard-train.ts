/** `hadal guard train`: a classifier that also learns from your traffic. */

import { resolve } from 'node:path'
import { formatMillis } from '@hadal/base'
import { type Classifier, type LabelledText, loadClassifier, ownTexts } from '@hadal/guard'
import { readTexts } from '@hadal/guard-lab'
import { shareOf, shareText, trainClassifier } from '@hadal/guard-training'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  formatTable,
  type StopSignals,
  say,
  signalExitCode,
  tryReportFile,
  watchStopSignals,
  wholeNumberFlag,
  writeReportFile,
} from '@hadal/output'

export interface GuardTrainFlags {
  readonly out: string
  readonly only?: boolean
  readonly seed: string
  readonly json?: boolean
}

const command = 'hadal guard train'

export async function guardTrain(
  data: readonly string[],
  flags: GuardTrainFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const seed = wholeNumberFlag(flags.seed, '--seed', command)
  const out = resolve(terminal.folder, flags.out)
  await tryReportFile(out)
  const own = await readTexts(data, terminal.folder)
  const rows: readonly LabelledText[] = flags.only ? own : [...(await ownTexts()), ...own]
  terminal.note(
    say`${own.length} texts of ${data.join(', ')}${flags.only ? '' : say`, ${rows.length - own.length} of Hadal’s`}`,
  )
  const began = performance.now()
  let classifier: Classifier
  try {
    classifier = await trainClassifier(rows, {
      seed,
      ...(!flags.only && { from: loadClassifier() }),
      onProgress: ({ stage, done, of }) => terminal.status(say`training ${stage}: ${done} of ${of}`),
      signal: stop.first,
    })
  } catch (error) {
    terminal.status('')
    if (!stop.first.aborted || error !== stop.first.reason) throw error
    terminal.note(say`interrupted before training finished; nothing was written`)
    return signalExitCode(stop.first.reason as NodeJS.Signals)
  }
  terminal.status('')
  await writeReportFile(out, classifier.bytes())
  if (flags.json) terminal.print(JSON.stringify(classifier.record, null, 2))
  else {
    terminal.print(heldOutTable(classifier, new Set(own.map(({ source }) => source)), terminal))
    terminal.note(
      say`${flags.out}, in ${formatMillis(performance.now() - began)}; set it as files.classifier of the guard and evaluate it: hadal guard eval --as-is`,
    )
  }
  return exitCodes.success
}

/** Detection of each custom source by classifiers that did not see it; the bundled sources are in the initial weights. */
function heldOutTable({ record }: Classifier, sources: ReadonlySet<string>, { style }: Terminal): string {
  const heads = [
    say`held out`,
    say`language`,
    say`attacks`,
    say`recall at 1 %`,
    say`benign`,
    say`false-positive rate`,
  ].map(style.dim)
  const figures = record.heldOut.filter(({ source }) => sources.has(source))
  const rows = figures.map(({ source, language, attacks, found, benign, foundBenign }) => [
    source,
    language,
    attacks.toLocaleString('en'),
    attacks === 0 ? '' : shareText(shareOf(found, attacks)),
    benign.toLocaleString('en'),
    benign === 0 ? '' : shareText(shareOf(foundBenign, benign)),
  ])
  return formatTable([heads, ...rows], ['left', 'left', 'right', 'right', 'right', 'right'])
}
