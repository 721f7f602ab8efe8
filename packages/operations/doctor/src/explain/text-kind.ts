/** Detects the kind of a text by its appearance, so that documents about failures are not treated as logs. */

import type { LogLine } from './cause.ts'

export type TextKind =
  | 'log'
  | 'kernel log'
  | 'journal'
  | 'nvidia-smi output'
  | 'Kubernetes events'
  | 'Kubernetes description'
  | 'Kubernetes pods'
  | 'Kubernetes objects'
  | 'training metrics'
  | 'document'
  | 'alert rules'
  | 'source code'
  | 'no text'
  | 'empty'

type SampleLine = LogLine & { readonly isKernel?: boolean }

/** Lines sampled at the start and at the end. */
const sampleLines = 1000

export function textKind(lines: readonly SampleLine[]): TextKind {
  const sample =
    lines.length <= 2 * sampleLines ? lines : [...lines.slice(0, sampleLines), ...lines.slice(-sampleLines)]
  const filled = sample.filter(({ raw }) => raw.trim() !== '')
  if (filled.length === 0) return 'empty'
  const isThere = (pattern: RegExp): boolean => filled.some(({ raw }) => pattern.test(raw))
  const share = (isOne: (line: SampleLine) => boolean): number => filled.filter(isOne).length / filled.length
  if (share(({ raw }) => raw.includes('\ufffd')) > 0.3) return 'no text'
  if (isThere(/\| NVIDIA-SMI |=+NVSMI LOG=+|^index, ?(?:uuid|name)|^GPU \d+: .*\(UUID: GPU-/))
    return 'nvidia-smi output'
  if (isThere(/^(?:NAMESPACE +)?LAST SEEN +(?:FIRST SEEN +)?(?:COUNT +)?(?:NAME +)?(?:TYPE|KIND) +/))
    return 'Kubernetes events'
  if (isThere(/^Events:(?: +<none>)?$/) && isThere(/^(?:Name|Namespace|Node|Labels):/))
    return 'Kubernetes description'
  if (isThere(/^(?:NAMESPACE +)?NAME +READY +STATUS +RESTARTS/)) return 'Kubernetes pods'
  const isSaid = (pattern: RegExp): boolean => filled.some(({ text }) => pattern.test(text))
  if (isSaid(/^\s*- alert: \S/) && isSaid(/^\s*expr: /)) return 'alert rules'
  if (isDocument(filled)) return 'document'
  if (/^#! ?\/\S/.test(filled[0]!.text)) return 'source code'
  if (isThere(/^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/) && isThere(/^\+\+\+ \S/)) return 'source code'
  if (filled.length >= 10 && share(({ text }) => codeLine.test(text)) > 0.2) return 'source code'
  if (share(({ isKernel }) => isKernel === true) >= 0.5) return 'kernel log'
  if (share(({ raw }) => metricsLine.test(raw)) > 0.5) return 'training metrics'
  if (share(({ raw }) => journalLine.test(raw)) > 0.5) return 'journal'
  return 'log'
}

/** Bytes of a program or an archive: more than a twentieth of them controls a device that is no terminal. */
export function isBinary(text: string): boolean {
  const sample = text.slice(0, 65_536)
  return (sample.match(/[\u0000-\u0006\u000e-\u001a]/g)?.length ?? 0) > sample.length / 20
}

const metricsLine = /^\{.*"(?:loss|grad_?norm|gradientNorm|train_loss|step)" ?:/i
const journalLine = /^(?:[A-Z][a-z]{2} +\d{1,2} [\d:]{8}|\d{4}-\d\d-\d\dT[\d:.+-]+) [\w.-]+ [^\s:]{1,64}: /

/** Headings with sentences, lists and tables below them: Markdown and its like; pages of a manual. */
function isDocument(lines: readonly LogLine[]): boolean {
  const count = (pattern: RegExp): number => lines.filter(({ text }) => pattern.test(text)).length
  if (count(/^(?:NAME|SYNOPSIS|DESCRIPTION|OPTIONS|EXIT STATUS|SEE ALSO)$/) >= 2) return true
  const sentences = count(/^[A-Z`*\]](?:\S* ){5,}\S*[.:!?]$/)
  const marks = count(/^```|^\|.*\|$|^ {0,8}(?:[-*]|\d{1,2}\.) \S|\]\((?:https?:|[\w./#-]{1,200}\))/)
  return count(/^#{1,4} [A-Z]/) >= 1 && sentences + marks >= Math.max(2, lines.length * 0.2)
}

const codeLine =
  /^\s*(?:import\b.* from |export |(?:const|let|var) [\w{[]|(?:async )?function |def \w+\(|class \w+\b.*[:{]$|#include |return\b|if \(.*\{$|\} else|for \(|\/\/ |\/\*\*)/

/** These say what could happen: but for what a document quotes of a log, nothing in them did. */
export const speaksOnly = (kind: TextKind): boolean =>
  kind === 'document' || kind === 'alert rules' || kind === 'source code'
