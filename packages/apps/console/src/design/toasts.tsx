/** Toasts: short-lived messages, with undo. Never the only place for important information. */

import { type ReactNode, useEffect, useRef } from 'react'
import { useMessages } from '../messages/use-messages.ts'
import { createStore, type Store, useStore } from '../store.ts'
import { Button } from './controls.tsx'
import { Icon, type IconName } from './icons.tsx'
import { designWords } from './words.ts'

export interface Toast {
  readonly text: string
  readonly tone?: 'plain' | 'good' | 'warn' | 'bad'
  readonly action?: { readonly label: string; readonly onPress: () => void }
  /** Default: 6 s; 10 s with an action. */
  readonly forMillis?: number
}

interface Shown extends Toast {
  readonly id: number
}

const most = 4
const shown: Store<readonly Shown[]> = createStore<readonly Shown[]>([])
let last = 0

export function toast(said: Toast): void {
  const id = ++last
  shown.set((now) => [...now, { ...said, id }].slice(-most))
}

const dismiss = (id: number): void => shown.set((now) => now.filter((one) => one.id !== id))

const icons: Readonly<Record<NonNullable<Toast['tone']>, IconName>> = {
  plain: 'info',
  good: 'check',
  warn: 'warning',
  bad: 'warning',
}

/** Rendered once, in the shell. */
export function Toasts(): ReactNode {
  const all = useStore(shown)
  const place = useRef<HTMLDivElement>(null)
  // Always there, so that screen readers hear of what comes; above whatever dialog was opened before.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each toast rises anew
  useEffect(() => {
    if (place.current?.matches(':popover-open')) place.current.hidePopover()
    place.current?.showPopover()
  }, [all])
  return (
    <div ref={place} className="toasts" role="status" aria-live="polite" popover="manual">
      {all.map((one) => (
        <ToastLine key={one.id} {...one} />
      ))}
    </div>
  )
}

function ToastLine({ id, text, tone = 'plain', action, forMillis }: Shown): ReactNode {
  const say = useMessages(designWords)
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), forMillis ?? (action === undefined ? 6000 : 10_000))
    return () => clearTimeout(timer)
  }, [id, action, forMillis])
  return (
    <div className={`toast toast-${tone}`}>
      <Icon name={icons[tone]} />
      <span>{text}</span>
      {action !== undefined && (
        <Button
          kind="quiet"
          size="small"
          onPress={() => {
            action.onPress()
            dismiss(id)
          }}
        >
          {action.label}
        </Button>
      )}
      <Button kind="quiet" size="small" icon="close" label={say.dismiss} onPress={() => dismiss(id)} />
    </div>
  )
}
