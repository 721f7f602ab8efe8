/** What a page shows where there is nothing, not yet something, or something amiss. */

import type { ReactNode } from 'react'
import type { ApiError } from '../api/api-error.ts'

export interface EmptyStateProps {
  readonly title: string
  /** What would be here, and how it gets here: a command, a button. */
  readonly children?: ReactNode
  readonly action?: ReactNode
}

export function EmptyState({ title, children, action }: EmptyStateProps): ReactNode {
  return (
    <div className="empty">
      <h3>{title}</h3>
      {children}
      {action}
    </div>
  )
}

export interface ErrorStateProps {
  readonly error: ApiError
  readonly onRetry?: () => void
}

/** In the server's own words: what happened, its code, what to do next. */
export function ErrorState({ error, onRetry }: ErrorStateProps): ReactNode {
  return (
    <div className="error" role="alert">
      <p>{error.message}</p>
      {error.help !== undefined && <p>{error.help}</p>}
      <code>{error.code}</code>
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          ↻
        </button>
      )}
    </div>
  )
}

/** A grey shape of what will be here. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }): ReactNode {
  return <div className="skeleton" aria-hidden="true" style={{ height: `${lines * 1.5}rem` }} />
}

export interface BadgeProps {
  readonly children: ReactNode
  readonly tone?: 'plain' | 'accent' | 'good' | 'warn' | 'bad'
}

export function Badge({ children, tone = 'plain' }: BadgeProps): ReactNode {
  return <span className={`badge badge-${tone}`}>{children}</span>
}

/** A sentence that matters, in the page. */
export function Notice({ children, tone = 'plain' }: BadgeProps): ReactNode {
  return (
    <div className={`notice notice-${tone}`} role="status">
      {children}
    </div>
  )
}
