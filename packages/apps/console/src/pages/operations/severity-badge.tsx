/** Severity as text and colour: lint findings, checks, causes and alerts. */

import type { ReactNode } from 'react'
import { Badge } from '../../design/index.ts'
import { defineMessages, useMessages } from '../../messages/use-messages.ts'

const words = defineMessages({
  en: {
    rejected: 'rejected',
    harmful: 'unsafe',
    advice: 'advice',
    critical: 'critical',
    error: 'error',
    warning: 'warning',
    unknown: 'unknown',
    note: 'note',
    ok: 'ok',
    skipped: 'not applicable',
    page: 'page',
    ticket: 'ticket',
  },
  zh: {
    rejected: '会被拒绝',
    harmful: '有害',
    advice: '建议',
    critical: '严重',
    error: '错误',
    warning: '警告',
    unknown: '无法判断',
    note: '提示',
    ok: '正常',
    skipped: '不适用',
    page: '立即呼叫',
    ticket: '工单',
  },
})

export type Severity = keyof typeof words.en

const tones: Readonly<Record<Severity, 'plain' | 'accent' | 'good' | 'warn' | 'bad'>> = {
  rejected: 'bad',
  harmful: 'warn',
  advice: 'accent',
  critical: 'bad',
  error: 'bad',
  warning: 'warn',
  unknown: 'warn',
  note: 'accent',
  ok: 'good',
  skipped: 'plain',
  page: 'bad',
  ticket: 'warn',
}

export function SeverityBadge({ severity }: { readonly severity: string }): ReactNode {
  const say = useMessages(words)
  const known = severity in words.en ? (severity as Severity) : undefined
  return (
    <Badge tone={known === undefined ? 'plain' : tones[known]}>
      {known === undefined ? severity : say[known]}
    </Badge>
  )
}
