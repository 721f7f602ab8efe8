/** Where things stand: a page with its title, cards on it, dialogs above it. */

import { type ReactNode, useEffect, useRef } from 'react'

export interface PageProps {
  readonly title: string
  readonly lead?: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, lead, actions, children }: PageProps): ReactNode {
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export interface CardProps {
  readonly title?: string
  readonly lead?: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Card({ title, lead, actions, children }: CardProps): ReactNode {
  return (
    <section className="card" aria-label={title}>
      {title !== undefined && (
        <header className="card-head">
          <h2>{title}</h2>
          {lead !== undefined && <p>{lead}</p>}
          {actions !== undefined && <div className="row">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  )
}

export interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  /** `side`: at the right edge, of full height; on a phone both come from below. */
  readonly place?: 'middle' | 'side'
}

/** The browser's own: Escape closes it, focus stays in it and goes back after it. */
export function Dialog({ title, isOpen, onClose, children, place = 'middle' }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal()
    else if (!isOpen) dialog.current?.close()
  }, [isOpen])
  return (
    <dialog ref={dialog} className={`dialog dialog-${place}`} aria-label={title} onClose={onClose}>
      {isOpen && (
        <>
          <h2>{title}</h2>
          {children}
        </>
      )}
    </dialog>
  )
}
