/** Renders an explanation for a terminal: cause, evidence, remedy, and other findings. */

import type { Evidence, Explanation, SeenCause, TimelineEntry } from '@hadal/doctor'
import { cutText, recognise, type Style, say, visibleLength, wrapText } from '@hadal/output'

interface Page {
  readonly style: Style
  readonly columns: number
}

export function explanationText(explained: Explanation, style: Style, columns: number): string {
  const page = { style, columns: Math.max(40, Math.min(columns, 120)) }
  const { cause, alsoSeen, timeline, read } = explained
  const files = new Set(timeline.map(({ file }) => file))
  return [
    cause === undefined ? unknownText(explained, page) : causeText(cause, page),
    seenText(
      say`Consequences`,
      alsoSeen.filter(({ isConsequence }) => isConsequence === true),
      page,
    ),
    seenText(
      cause === undefined ? say`Other findings` : say`Related findings`,
      alsoSeen.filter(({ isConsequence }) => isConsequence !== true),
      page,
    ),
    files.size > 1 ? timelineText(timeline, titlesOf(explained), page) : '',
    read
      .flatMap((each) => wrapped(say`read: ${each}`, '', page))
      .map(style.dim)
      .join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function causeText(cause: SeenCause, page: Page): string {
  const { style } = page
  return [
    `${painted(cause, style)}  ${style.bold(recognise(cause.title))}`,
    ...wrapped(recognise(cause.says), '  ', page),
    '',
    ...cause.evidence.flatMap((each) => evidenceLines(each, page)),
    ...(cause.times > cause.evidence.length ? [style.dim(say`  seen ${cause.times} times`)] : []),
    '',
    ...wrapped(recognise(cause.fix.text), '  ', page).map(style.green),
    ...(cause.fix.command === undefined
      ? []
      : cause.fix.command.split('\n').map((line) => `    ${style.cyan(line)}`)),
    ...wrapped(
      say`source: ${cause.source.title}${cause.source.url === undefined ? '' : ` ${cause.source.url}`}`,
      '  ',
      page,
    ).map(style.dim),
  ].join('\n')
}

function unknownText({ alsoSeen, suspicious, isNothingThere }: Explanation, page: Page): string {
  const { style } = page
  if (isNothingThere === true) return `${style.yellow(say`unknown`)}  ${style.bold(say`No text to explain`)}`
  if (suspicious.length === 0)
    return alsoSeen.length === 0
      ? say`${style.green(say`nothing found`)}: no failure-like lines`
      : style.bold(say`unknown`)
  return [
    `${style.yellow(say`unknown`)}  ${style.bold(say`No known cause`)}`,
    say`  Lines that look like failures:`,
    ...suspicious.flatMap((each) => evidenceLines(each, page)),
  ].join('\n')
}

function evidenceLines({ file, line, text }: Evidence, { style, columns }: Page): string[] {
  const place = `${printable(file)}:${line}`
  const said = printable(text)
  const onOne = `  ${place}  ${said}`
  if (onOne.length <= columns) return [`  ${style.dim(place)}  ${said}`]
  return [`  ${style.dim(place)}`, ...wrapText(said, columns, '    ').slice(0, 4)]
}

function seenText(title: string, seen: readonly SeenCause[], { style, columns }: Page): string {
  if (seen.length === 0) return ''
  return [
    style.bold(title),
    ...seen.slice(0, maxSeen).map((each) => {
      const [first] = each.evidence
      const times = each.times > 1 ? say`, ${each.times} times` : ''
      const roomForPlace = Math.floor(columns / 2) - visibleLength(times)
      const place = first === undefined ? '' : endOf(`${printable(first.file)}:${first.line}`, roomForPlace)
      const room = columns - severityWidth - place.length - visibleLength(times) - 6
      return `  ${painted(each, style)}  ${cutText(recognise(each.title), room)}  ${style.dim(place + times)}`
    }),
    ...(seen.length > maxSeen ? [style.dim(say`  and ${seen.length - maxSeen} more (--json has them)`)] : []),
  ].join('\n')
}

const maxSeen = 12
const maxEntries = 30

function timelineText(
  timeline: readonly TimelineEntry[],
  titles: ReadonlyMap<string, string>,
  { style, columns }: Page,
): string {
  const shown = timeline.slice(0, maxEntries)
  const width = Math.min(36, Math.max(...shown.map(({ file, line }) => `${file}:${line}`.length)))
  let day = ''
  const lines = shown.flatMap(({ at, file, line, causeId, times }) => {
    const iso = at === undefined ? undefined : new Date(at).toISOString()
    const date = iso?.slice(0, 10) ?? say`no timestamps`
    const head = date === day ? [] : [style.dim(`  ${date}${iso === undefined ? '' : ', UTC'}`)]
    day = date
    const place = `${file}:${line}`
    const end = endOf(place, width).padEnd(width)
    const count = times === undefined ? '' : say` (${times} times)`
    const what = cutText(
      `${recognise(titles.get(causeId) ?? causeId)}${count}`,
      Math.max(20, columns - width - 18),
    )
    return [...head, `  ${iso?.slice(11, 23) ?? ' '.repeat(12)}  ${style.dim(printable(end))}  ${what}`]
  })
  const rest = timeline.length - shown.length
  return [
    style.bold(say`Timeline`),
    ...lines,
    ...(rest > 0 ? [style.dim(say`  and ${rest} more (--json has them)`)] : []),
  ].join('\n')
}

const titlesOf = ({ cause, alsoSeen }: Explanation): ReadonlyMap<string, string> =>
  new Map([...(cause === undefined ? [] : [cause]), ...alsoSeen].map(({ id, title }) => [id, title]))

const severityWidth = 8

/** The end of a long path is the most specific. */
const endOf = (place: string, width: number): string =>
  place.length > width ? `…${place.slice(1 - width)}` : place

const painted = ({ severity }: SeenCause, style: Style): string =>
  ({ critical: style.red, error: style.red, warning: style.yellow, note: style.cyan })[severity](
    severity.padEnd(severityWidth),
  )

const wrapped = (text: string, indent: string, { columns }: Page): string[] =>
  wrapText(printable(text).replaceAll(/\s+/g, ' ').trim(), columns, indent)

/** A log must not move the terminal's cursor or change the writing direction. */
const printable = (text: string): string =>
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, ' ')
