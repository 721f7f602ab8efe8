/** `hadal guard eval`: detection and false-positive rates. */

import { resolve } from 'node:path'
import { type LabelledText, ownTextFiles, ownTexts, resolvePolicy } from '@hadal/guard'
import {
  classifierOf,
  fit,
  type GuardFlags,
  type GuardPlace,
  guardNothingToMeasure,
  guardPlace,
  type PlacedText,
  readTexts,
  reviewPath,
} from '@hadal/guard-lab'
import {
  type EvalReport,
  evalHtml,
  evalText,
  excerpts,
  type Fold,
  heldOutFolds,
  type Measured,
  measureTexts,
  type Outcome,
  recalibrate,
  rocByLanguage,
  rocSvg,
  scoreHistograms,
  stops,
  summarise,
} from '@hadal/guard-training'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  type StopSignals,
  say,
  signalExitCode,
  tryReportFile,
  usage,
  watchStopSignals,
  writeReportFile,
} from '@hadal/output'
import { version } from '@hadal/service'
import { openGgufEncoder } from '../guard/gguf-encoder.ts'

export interface GuardEvalFlags extends GuardFlags {
  /** In addition to the given files. */
  readonly texts?: 'bundled' | 'trigger-words' | 'reviews'
  readonly asIs?: boolean
  readonly also?: readonly string[]
  readonly rate: string
  readonly thresholdsFrom?: string
  readonly thresholds: string
  readonly report?: string
  readonly svg?: string
  readonly outcomes?: string
  /** True if no file is given. */
  readonly json?: string | true
  readonly encoder?: string
}

const command = 'hadal guard eval'

export async function guardEval(
  data: readonly string[],
  flags: GuardEvalFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
  textsOfHadal: () => Promise<readonly LabelledText[]> = ownTexts,
): Promise<number> {
  using stop = stopSignals
  try {
    return await run(data, flags, terminal, stop.first, textsOfHadal)
  } catch (error) {
    if (!stop.first.aborted || error !== stop.first.reason) throw error
    terminal.status('')
    terminal.note(say`interrupted before the evaluation was complete`)
    return signalExitCode(stop.first.reason as NodeJS.Signals)
  }
}

async function run(
  named: readonly string[],
  flags: GuardEvalFlags,
  terminal: Terminal,
  signal: AbortSignal,
  textsOfHadal: () => Promise<readonly LabelledText[]>,
): Promise<number> {
  const rate = shareFlag(flags.rate)
  const { thresholdsFrom, report, svg, outcomes, json, encoder: ref } = flags
  const place = await guardPlace(flags, terminal, command)
  const data = [...named, ...filesMeant(flags, place)]
  if (data.length === 0 && thresholdsFrom === undefined)
    throw usage(say`specify labelled texts, --texts or --thresholds-from`, command)
  const thresholds = thresholdsFrom === undefined ? undefined : flags.thresholds
  for (const path of [report, svg, outcomes, thresholds, typeof json === 'string' ? json : undefined])
    if (path !== undefined) await tryReportFile(resolve(terminal.folder, path))
  const texts = await readTexts(data, terminal.folder)
  const benign =
    thresholdsFrom === undefined
      ? []
      : (await readTexts([thresholdsFrom], terminal.folder)).filter(({ isAttack }) => !isAttack)
  await using opened = ref === undefined ? undefined : await openGgufEncoder(ref, terminal, signal)
  const encoders = opened && [opened.encoder]
  const calibration =
    thresholds === undefined ? undefined : await recalibrate(benign, place, encoders, terminal)
  if (thresholds !== undefined) {
    await writeReportFile(resolve(terminal.folder, thresholds), `${JSON.stringify(calibration, null, 1)}\n`)
    terminal.note(
      say`thresholds from ${benign.length} benign texts: ${thresholds}; set it as files.calibration`,
    )
  }
  if (texts.length === 0) return exitCodes.success

  const also = await readTexts(flags.also ?? [], terminal.folder)
  const known = await textsOfHadal()
  const folds = flags.asIs ? [] : await foldsOf(texts, [...known, ...also], place)
  const measured = await measureTexts(
    { texts, folds, known, place, encoders, calibration },
    {
      onPhase: (text) => terminal.note(terminal.noteStyle.dim(fit(text, terminal.columns))),
      onProgress: (text) => terminal.status(text),
      signal,
    },
  )
  terminal.status('')
  if (!measured.outcomes.some(({ steps }) => steps.some(stops)))
    throw guardNothingToMeasure(say`nothing in ${place.origin} blocks texts`, command)
  if (outcomes !== undefined)
    await writeReportFile(resolve(terminal.folder, outcomes), measured.outcomes.map(outcomeLine).join(''))
  await deliver(reportOf(measured, place, rate), flags, terminal)
  return exitCodes.success
}

function filesMeant({ texts }: GuardEvalFlags, place: GuardPlace): readonly string[] {
  if (texts === undefined) return []
  return texts === 'reviews' ? [reviewPath(resolvePolicy(place.settings), place.folder)] : ownTextFiles(texts)
}

/** Trainings that texts are measured by; the smallest sources share one. */
const maxFolds = 6

/**
 * Texts whose sources were used to train the classifier; the others are evaluated without retraining. Benign training texts are held out as
 * well, because thresholds come from held-out texts.
 */
async function foldsOf(
  texts: readonly PlacedText[],
  more: readonly LabelledText[],
  place: GuardPlace,
): Promise<Fold[]> {
  const known = new Set((await classifierOf(place)).record.sources)
  const seen = texts.filter(({ source }) => known.has(source))
  if (seen.length === 0) return []
  return heldOutFolds([...seen, ...more.filter(({ isAttack }) => !isAttack)], {
    alsoTrained: more.filter(({ isAttack }) => isAttack),
    maxFolds,
  })
}

/** Results of every check for a text, identified by its location. */
function outcomeLine({ row, steps }: Outcome): string {
  const { at, source, language, isAttack } = row as PlacedText
  const suspicion = Object.fromEntries(
    steps.flatMap(({ check, suspicion }) => (suspicion === undefined ? [] : [[check, suspicion]])),
  )
  const acts = steps.flatMap(({ check, acts }) => (acts ? [check] : []))
  return `${JSON.stringify({ at, source, language, isAttack, acts, suspicion })}\n`
}

function reportOf({ outcomes, plain, measuredBy }: Measured, place: GuardPlace, rate: number): EvalReport {
  const placeOf = ({ row }: Outcome): string => (row as PlacedText).at
  const { name: _, ...withoutViews } = summarise(plain, rate).all
  return {
    date: new Date().toISOString(),
    guard: place.origin,
    measuredBy,
    summary: summarise(outcomes, rate),
    withoutViews,
    roc: rocByLanguage(outcomes),
    scores: scoreHistograms(outcomes),
    missed: excerpts(outcomes, true, placeOf),
    wronglyStopped: excerpts(outcomes, false, placeOf),
  }
}

async function deliver(
  report: EvalReport,
  { json, report: page, svg }: GuardEvalFlags,
  terminal: Terminal,
): Promise<void> {
  const write = (path: string, text: string): Promise<void> =>
    writeReportFile(resolve(terminal.folder, path), text)
  if (json === true) terminal.print(JSON.stringify(report, null, 2))
  else terminal.print(evalText(report, terminal.style, terminal.columns))
  if (typeof json === 'string') await write(json, `${JSON.stringify(report, null, 2)}\n`)
  if (page !== undefined) await write(page, evalHtml(report, version))
  if (svg !== undefined) await write(svg, `${rocSvg(report)}\n`)
}

function shareFlag(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw usage(say`--rate must be at least 0 and below 1, not ${JSON.stringify(text)}`, command)
  return value
}
