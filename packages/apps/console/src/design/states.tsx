/** Empty, loading and error states. */

import type { ReactNode } from 'react'
import type { ApiError } from '../api/api-error.ts'
import { useMessages } from '../messages/use-messages.ts'
import { Button } from './controls.tsx'
import { Icon, type IconName } from './icons.tsx'
import { designWords } from './words.ts'

export interface EmptyStateProps {
  readonly title: string
  /** What would be here, and how it gets here: a command, a button. */
  readonly children?: ReactNode | undefined
  readonly action?: ReactNode | undefined
  readonly icon?: IconName | undefined
}

export function EmptyState({ title, children, action, icon }: EmptyStateProps): ReactNode {
  return (
    <div className="empty">
      {icon !== undefined && <Icon name={icon} />}
      <h3>{title}</h3>
      {children !== undefined && <div className="empty-words">{children}</div>}
      {action !== undefined && <div className="row">{action}</div>}
    </div>
  )
}

export interface ErrorStateProps {
  readonly error: ApiError
  readonly onRetry?: (() => void) | undefined
}

/** In the server's own words: what happened, its code, what to do next. */
export function ErrorState({ error, onRetry }: ErrorStateProps): ReactNode {
  const say = useMessages(designWords)
  return (
    <div className="error" role="alert">
      <Icon name="warning" />
      <div className="error-words">
        <p>{error.message}</p>
        {error.help !== undefined && <p className="soft">{error.help}</p>}
        <p className="error-foot">
          <code>{error.code}</code>
          {onRetry !== undefined && (
            <Button size="small" icon="refresh" onPress={onRetry}>
              {say.retry}
            </Button>
          )}
        </p>
      </div>
    </div>
  )
}

const widths = ['100%', '92%', '96%', '78%']

/** A grey shape of what will be here. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }): ReactNode {
  const say = useMessages(designWords)
  return (
    <div className="skeleton" role="status" aria-label={say.loading}>
      {Array.from({ length: lines }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey lines are all alike
        <span key={at} style={{ width: at === lines - 1 ? '60%' : widths[at % widths.length] }} />
      ))}
    </div>
  )
}

export interface BadgeProps {
  readonly children: ReactNode
  readonly tone?: 'plain' | 'accent' | 'good' | 'warn' | 'bad' | undefined
}

/** Shows a state as text; the colour repeats it. */
export function Badge({ children, tone = 'plain' }: BadgeProps): ReactNode {
  return <span className={`badge badge-${tone}`}>{children}</span>
}

const noticeIcons: Readonly<Record<NonNullable<BadgeProps['tone']>, IconName>> = {
  plain: 'info',
  accent: 'info',
  good: 'check',
  warn: 'warning',
  bad: 'warning',
}

export interface NoticeProps extends BadgeProps {
  readonly action?: ReactNode | undefined
}

/** A sentence that matters, in the page. */
export function Notice({ children, tone = 'plain', action }: NoticeProps): ReactNode {
  return (
    <div className={`notice notice-${tone}`} role="status">
      <Icon name={noticeIcons[tone]} />
      <div className="notice-words">{children}</div>
      {action}
    </div>
  )
}
