/** Renders a report as text: by group, worst first, each finding with a remedy; passed checks in one line. */

import { type Finding, type Report, type Severity, severities } from '@hadal/doctor'
import type { Style } from '@hadal/output'
import { recognise, say, wrapText } from '@hadal/output'

export interface ShowOptions {
  readonly columns: number
  readonly style: Style
  /** Also shows passed and not applicable checks, with measurements. */
  readonly all: boolean
}

const widest = 100

/** A capture is untrusted: nothing in it moves a cursor. */
const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')

export function reportText({ findings: found }: Report, options: ShowOptions): string {
  const findings = found.map(inWords)
  const groups = [...new Set(findings.map(({ group }) => group))]
  const parts = groups.map((group) =>
    groupText(
      group,
      findings.filter((each) => each.group === group),
      options,
    ),
  )
  return [...parts, countsText(findings, options.style)].join('\n\n')
}

/** The doctor knows one language. */
const inWords = (finding: Finding): Finding => ({
  ...finding,
  title: recognise(finding.title),
  says: recognise(finding.says),
  ...(finding.fix !== undefined && { fix: { ...finding.fix, text: recognise(finding.fix.text) } }),
})

function groupText(group: string, findings: readonly Finding[], options: ShowOptions): string {
  const { style, all } = options
  const isTold = ({ severity }: Finding): boolean => all || (severity !== 'ok' && severity !== 'skipped')
  const toTell = joined(findings.filter(isTold))
  const told = toTell.flatMap((finding, at) =>
    findingLines(finding, hasSameFix(finding, toTell[at + 1]), options),
  )
  const quiet = (['ok', 'skipped'] as const).flatMap((severity) => {
    const titles = new Set(
      findings.filter((each) => !isTold(each) && each.severity === severity).map(({ title }) => title),
    )
    // Results may differ between GPUs.
    for (const { title, severity: worse } of findings)
      if (severities.indexOf(worse) < severities.indexOf(severity)) titles.delete(title)
    if (titles.size === 0) return []
    const why = new Set(findings.map(({ says }) => says))
    if (severity === 'skipped' && why.size === 1)
      return [`  ${markOf(severity, style)} ${style.dim(plain(findings[0]!.says))}`]
    const text =
      severity === 'ok'
        ? say`passed: ${[...titles].join(', ')}`
        : say`not applicable: ${[...titles].join(', ')}`
    const [first = '', ...more] = wrapText(text, Math.min(options.columns, widest), '    ')
    return [
      `  ${markOf(severity, style)} ${style.dim(first.trimStart())}`,
      ...more.map((line) => style.dim(line)),
    ]
  })
  return [style.bold(recognise(group)), ...told, ...quiet].join('\n')
}

/** Findings with the same severity and text are shown once. */
function joined(findings: readonly Finding[]): Finding[] {
  const found = new Map<string, Finding>()
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.says}`
    const before = found.get(key)
    found.set(
      key,
      before === undefined || before.title === finding.title
        ? finding
        : { ...before, title: `${before.title}, ${finding.title}` },
    )
  }
  return [...found.values()]
}

/** The last of them shows it. */
const hasSameFix = ({ title, fix }: Finding, next: Finding | undefined): boolean =>
  next?.title === title && JSON.stringify(next.fix) === JSON.stringify(fix)

function findingLines(
  { severity, title, says, fix }: Finding,
  isFixBelow: boolean,
  { columns, style }: ShowOptions,
): string[] {
  const width = Math.min(columns, widest)
  const [head = '', ...more] = wrapText(plain(`${title}: ${says}`), width, '    ')
  const painted = head.trimStart().startsWith(`${title}:`)
    ? `${style.bold(`${title}:`)}${head.trimStart().slice(title.length + 1)}`
    : head.trimStart()
  const line = [`  ${markOf(severity, style)} ${painted}`, ...more]
  if (fix === undefined || isFixBelow) return line
  const advice = wrapText(plain(fix.text), width, '      ').map((each) => style.dim(each))
  // Commands are not wrapped, to be copied.
  const command = fix.command === undefined ? [] : [`      ${style.cyan(`$ ${plain(fix.command)}`)}`]
  return [...line, ...advice, ...command]
}

function markOf(severity: Severity, { red, yellow, cyan, green, dim }: Style): string {
  const marks: Readonly<Record<Severity, string>> = {
    error: red('✗'),
    warning: yellow('!'),
    unknown: yellow('?'),
    note: cyan('·'),
    ok: green('✓'),
    skipped: dim('–'),
  }
  return marks[severity]
}

const counted: Readonly<Record<Severity, (count: number) => string>> = {
  error: (count) => (count === 1 ? say`1 error` : say`${count} errors`),
  warning: (count) => (count === 1 ? say`1 warning` : say`${count} warnings`),
  unknown: (count) => say`${count} inconclusive`,
  note: (count) => (count === 1 ? say`1 note` : say`${count} notes`),
  ok: (count) => say`${count} passed`,
  skipped: (count) => say`${count} not applicable`,
}

function countsText(findings: readonly Finding[], style: Style): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((each) => each.severity === severity).length
    if (count === 0) return []
    const said = counted[severity](count)
    return severity === 'error'
      ? style.red(said)
      : severity === 'warning' || severity === 'unknown'
        ? style.yellow(said)
        : said
  })
  return counts.length === 0 ? say`no checks ran` : counts.join(', ')
}
