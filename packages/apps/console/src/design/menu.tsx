/** A dropdown menu: closes with Escape, on selection, or on an outside click. */

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Button, type ButtonProps } from './controls.tsx'
import { Icon, type IconName } from './icons.tsx'

export interface MenuItem {
  readonly label: string
  readonly onPress: () => void
  readonly icon?: IconName | undefined
  readonly isDisabled?: boolean | undefined
  readonly isDanger?: boolean | undefined
  /** Radio items: whether this one is selected. */
  readonly isChecked?: boolean | undefined
}

export interface MenuProps extends Pick<ButtonProps, 'children' | 'kind' | 'icon' | 'size' | 'label'> {
  readonly items: readonly MenuItem[]
  /** The edge of the button it is aligned with. */
  readonly align?: 'start' | 'end' | undefined
  readonly opens?: 'below' | 'above' | undefined
}

export function Menu({ items, align = 'end', opens = 'below', ...button }: MenuProps): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const frame = useRef<HTMLDivElement>(null)
  const id = useId()
  useEffect(() => {
    if (!isOpen) return
    frame.current?.querySelector<HTMLElement>('[role^="menuitem"]:not(:disabled)')?.focus()
    const closeOnOutsidePress = (event: PointerEvent): void => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', closeOnOutsidePress)
    return () => document.removeEventListener('pointerdown', closeOnOutsidePress)
  }, [isOpen])
  const close = (): void => {
    setOpen(false)
    frame.current?.querySelector('button')?.focus()
  }
  return (
    <div ref={frame} className="menu">
      <Button
        {...button}
        isExpanded={isOpen}
        controls={isOpen ? id : undefined}
        hasPopup="menu"
        onPress={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <div
          id={id}
          role="menu"
          aria-label={button.label}
          className={`menu-sheet menu-${align} menu-${opens}`}
          onKeyDown={(event) => moveAmong(event, close)}
        >
          {items.map((item) => (
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it is checked where its role is of a radio
            <button
              key={item.label}
              type="button"
              role={item.isChecked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.isChecked}
              tabIndex={-1}
              disabled={item.isDisabled}
              className={item.isDanger ? 'menu-danger' : undefined}
              onClick={() => {
                close()
                item.onPress()
              }}
            >
              {item.icon !== undefined ? <Icon name={item.icon} /> : item.isChecked && <Icon name="check" />}
              <span>{item.label}</span>
              {item.isChecked && item.icon !== undefined && <Icon name="check" />}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

function moveAmong(event: KeyboardEvent<HTMLElement>, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('button:not(:disabled)')]
  const at = items.indexOf(document.activeElement as HTMLElement)
  const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }
  const next = steps[event.key]
  if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault()
    event.stopPropagation()
    close()
  } else if (next !== undefined) {
    event.preventDefault()
    items.at(next % items.length)?.focus()
  }
}
