/** Layout: page with title, cards, dialogs. */

import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useMessages } from '../messages/use-messages.ts'
import { Button } from './controls.tsx'
import { designWords } from './words.ts'

export interface PageProps {
  readonly title: string
  readonly lead?: string | undefined
  readonly actions?: ReactNode | undefined
  readonly children: ReactNode
  /** Full window height without margins: the content scrolls itself. The title is for screen readers only. */
  readonly isFull?: boolean | undefined
}

/** The shell moves the focus to the heading when the user opens another page. */
export function Page({ title, lead, actions, children, isFull = false }: PageProps): ReactNode {
  return (
    <div className={isFull ? 'page page-full' : 'page'}>
      <header className={isFull ? 'visually-hidden' : 'page-head'}>
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {actions !== undefined && !isFull && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export interface CardProps {
  readonly title?: string | undefined
  readonly lead?: string | undefined
  readonly actions?: ReactNode | undefined
  readonly children: ReactNode
  /** The content reaches the edges: a table, a list. */
  readonly isFlush?: boolean | undefined
}

export function Card({ title, lead, actions, children, isFlush = false }: CardProps): ReactNode {
  const id = useId()
  return (
    <section
      className={isFlush ? 'card card-flush' : 'card'}
      aria-labelledby={title === undefined ? undefined : id}
    >
      {(title !== undefined || actions !== undefined) && (
        <header className="card-head">
          <div>
            {title !== undefined && <h2 id={id}>{title}</h2>}
            {lead !== undefined && <p>{lead}</p>}
          </div>
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
  readonly place?: 'middle' | 'side' | undefined
  /** At its foot, at the right: what one can do. */
  readonly actions?: ReactNode | undefined
}

/** The native element: Escape closes it, focus stays in it and is restored afterwards. */
export function Dialog(props: DialogProps): ReactNode {
  const { title, isOpen, onClose, children, place = 'middle', actions } = props
  const say = useMessages(designWords)
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen && !dialog.current?.open) {
      dialog.current?.showModal()
      dialog.current?.querySelector<HTMLElement>('[data-focus]')?.focus()
    } else if (!isOpen) dialog.current?.close()
  }, [isOpen])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does what a press beside it does
    <dialog
      ref={dialog}
      className={`dialog dialog-${place}`}
      aria-labelledby={`${id}-title`}
      onClose={() => isOpen && onClose()}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      {isOpen && (
        <div className="dialog-sheet">
          <header className="dialog-head">
            <h2 id={`${id}-title`}>{title}</h2>
            <Button kind="quiet" icon="close" label={say.close} onPress={onClose} />
          </header>
          <div className="dialog-body">{children}</div>
          {hasWords(actions) && <footer className="dialog-foot">{actions}</footer>}
        </div>
      )}
    </dialog>
  )
}

const hasWords = (children: ReactNode): boolean =>
  children !== undefined && children !== null && children !== false

export interface ConfirmProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** What will be so afterwards. */
  readonly children: ReactNode
  /** Label of the button: `Revoke`, not `OK`. */
  readonly action: string
  readonly onConfirm: () => void
  readonly isBusy?: boolean | undefined
  readonly kind?: 'danger' | 'primary' | undefined
}

export function Confirm(props: ConfirmProps): ReactNode {
  const { title, isOpen, onClose, children, action, onConfirm, isBusy = false, kind = 'danger' } = props
  const say = useMessages(designWords)
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{say.cancel}</Button>
          <Button kind={kind} isBusy={isBusy} onPress={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}

export interface DisclosureProps {
  readonly summary: ReactNode
  readonly children: ReactNode
  readonly isOpenAtFirst?: boolean | undefined
}

/** Collapsed until the user opens it. */
export function Disclosure({ summary, children, isOpenAtFirst = false }: DisclosureProps): ReactNode {
  return (
    <details className="disclosure" open={isOpenAtFirst}>
      <summary>{summary}</summary>
      <div className="disclosure-body">{children}</div>
    </details>
  )
}
