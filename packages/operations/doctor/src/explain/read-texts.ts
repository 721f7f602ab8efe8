/** Reads texts as lines with message and time. */

import { setTimes } from './clocks.ts'
import type { ExplainInput } from './explanation.ts'
import { kubernetesAge } from './kubernetes-age.ts'
import { linesOfObjects } from './kubernetes-objects.ts'
import { takePrefixes, type Unwrapped } from './logger-prefix.ts'
import type { ReadLine, ReadText } from './read-text.ts'
import { readStructuredLine, type StructuredLine } from './structured-line.ts'
import { isBinary, textKind } from './text-kind.ts'
import { lineCount, piecesOf, textLines } from './text-lines.ts'

/** `now`, in milliseconds of the epoch, is for times that say no year, where no text has a whole one. */
export function readTexts(inputs: readonly ExplainInput[], now?: number): readonly ReadText[] {
  const texts = inputs.map(readText)
  setTimes(texts, now)
  return texts
}

function readText(input: ExplainInput): ReadText {
  const objects = linesOfObjects(input.text)
  const lines = objects?.map(({ number, text, at }) => lineOf(number, text, text, at)) ?? linesOf(input)
  return {
    name: input.name,
    kind: isBinary(input.text) ? 'no text' : objects === undefined ? textKind(lines) : 'Kubernetes objects',
    lines,
    lineCount: lineCount(input.text, input.text.includes('\n') ? '\n' : '\r'),
    isCut: input.isCut === true,
    ...(input.takenAt !== undefined && { takenAt: input.takenAt }),
    ...(input.bootAt !== undefined && { bootAt: input.bootAt }),
    clockNotes: [],
  }
}

const lineOf = (number: number, text: string, raw: string, at: number | undefined): ReadLine =>
  at === undefined ? { number, text, raw } : { number, text, raw, clock: 'zoned', millis: at }

/** Longer lines are not taken for an object. */
const longestObject = 1024 * 1024

function linesOf({ text, takenAt }: ExplainInput): readonly ReadLine[] {
  const lines: ReadLine[] = []
  for (const { number, text: raw } of textLines(text)) {
    const outer = takePrefixes(raw)
    const object = outer.text.length <= longestObject ? readStructuredLine(outer.text) : undefined
    if (object === undefined) addPlain(lines, number, raw, outer, takenAt)
    else addStructured(lines, number, object, outer)
  }
  return lines
}

function addPlain(
  lines: ReadLine[],
  number: number,
  raw: string,
  { text, stamp, isKernel }: Unwrapped,
  takenAt: number | undefined,
): void {
  const age = takenAt === undefined ? undefined : kubernetesAge(raw)
  const when = stamp ?? (age === undefined ? undefined : { clock: 'age' as const, millis: takenAt! - age })
  const pieces = piecesOf(text)
  const isWhole = pieces.length === 1 && piecesOf(raw).length === 1
  for (const piece of pieces)
    lines.push({ number, text: piece, raw: isWhole ? raw : piece, ...when, isKernel })
}

/** A container's log wraps what its program wrote, with its own timestamps. */
function addStructured(lines: ReadLine[], number: number, object: StructuredLine, outer: Unwrapped): void {
  for (const line of object.text.split('\n')) {
    const { text, stamp, isKernel } = takePrefixes(line)
    const when = stamp?.clock === 'zoned' ? stamp : (object.stamp ?? outer.stamp ?? stamp)
    for (const piece of piecesOf(text))
      lines.push({ number, text: piece, raw: piece, ...when, isKernel, isCalm: object.isCalm })
  }
}
