/** Controls: buttons, tabs, switches, choices. Each has an accessible label, visible or not. */

import { type KeyboardEvent, type ReactNode, type Ref, useId } from 'react'
import { useMessages } from '../messages/use-messages.ts'
import { Icon, type IconName } from './icons.tsx'
import { designWords } from './words.ts'

export interface ButtonProps {
  readonly children?: ReactNode | undefined
  readonly onPress?: (() => void) | undefined
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger' | undefined
  readonly isDisabled?: boolean | undefined
  /** Spins, announces it, cannot be pressed. */
  readonly isBusy?: boolean | undefined
  readonly submits?: boolean | undefined
  /** For icon-only buttons: the action, also used as the tooltip. */
  readonly label?: string | undefined
  /** Before the text, or alone if there is none. */
  readonly icon?: IconName | undefined
  readonly size?: 'small' | 'medium' | 'large' | undefined
  /** Toggle buttons: whether the button is pressed. */
  readonly isPressed?: boolean | undefined
  /** Buttons that open something: whether it is open, and its id. */
  readonly isExpanded?: boolean | undefined
  readonly controls?: string | undefined
  readonly hasPopup?: 'menu' | 'dialog' | 'listbox' | undefined
  readonly ref?: Ref<HTMLButtonElement> | undefined
}

export function Button(props: ButtonProps): ReactNode {
  const { children, onPress, kind = 'plain', isDisabled = false, isBusy = false, submits = false } = props
  const { label, icon, size = 'medium', isPressed, isExpanded, controls, hasPopup, ref } = props
  const say = useMessages(designWords)
  const isAlone = children === undefined || children === null
  return (
    <button
      ref={ref}
      type={submits ? 'submit' : 'button'}
      className={`button button-${kind} button-${size}${isAlone ? ' button-alone' : ''}`}
      disabled={isDisabled || isBusy}
      aria-busy={isBusy || undefined}
      aria-label={label}
      aria-pressed={isPressed}
      aria-expanded={isExpanded}
      aria-controls={controls}
      aria-haspopup={hasPopup}
      title={label}
      onClick={onPress}
    >
      {isBusy ? <span className="spinner" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      {children}
      {isBusy && <span className="visually-hidden">{`(${say.busy})`}</span>}
    </button>
  )
}

export interface ButtonLinkProps extends Pick<ButtonProps, 'children' | 'kind' | 'label' | 'icon' | 'size'> {
  readonly href: string
  /** The name of the file that the browser keeps. */
  readonly download?: string | undefined
}

/** Looks like a button, goes somewhere. */
export function ButtonLink(props: ButtonLinkProps): ReactNode {
  const { children, href, kind = 'plain', label, icon, size = 'medium', download } = props
  const isAlone = children === undefined || children === null
  return (
    <a
      href={href}
      download={download}
      className={`button button-${kind} button-${size}${isAlone ? ' button-alone' : ''}`}
      aria-label={label}
      title={label}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </a>
  )
}

export interface SwitchProps {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly hint?: string | undefined
  readonly isDisabled?: boolean | undefined
}

export function Switch({ label, isOn, onChange, hint, isDisabled }: SwitchProps): ReactNode {
  return (
    <Toggle className="switch" role="switch" {...{ label, isOn, onChange, hint, isDisabled }}>
      <span className="switch-track" aria-hidden="true" />
    </Toggle>
  )
}

/** One of several independent checkboxes. */
export function Checkbox({ label, isOn, onChange, hint, isDisabled }: SwitchProps): ReactNode {
  return (
    <Toggle className="checkbox" {...{ label, isOn, onChange, hint, isDisabled }}>
      <span className="checkbox-box" aria-hidden="true">
        <Icon name="check" />
      </span>
    </Toggle>
  )
}

interface ToggleProps {
  readonly className: string
  readonly role?: 'switch' | undefined
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly hint: string | undefined
  readonly isDisabled: boolean | undefined
  readonly children: ReactNode
}

function Toggle({
  className,
  role,
  label,
  isOn,
  onChange,
  hint,
  isDisabled,
  children,
}: ToggleProps): ReactNode {
  const id = useId()
  return (
    <div className="toggle">
      <label className={className}>
        <input
          type="checkbox"
          role={role}
          checked={isOn}
          disabled={isDisabled}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onChange={({ target }) => onChange(target.checked)}
        />
        {children}
        <span>{label}</span>
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  )
}

export interface TabsProps<T extends string> {
  /** Label of the whole group. */
  readonly label: string
  readonly value: T
  readonly tabs: readonly { readonly value: T; readonly label: string; readonly count?: number }[]
  readonly onChange: (value: T) => void
}

/** The caller renders the panel below: `<div role="tabpanel" aria-label=…>`. */
export function Tabs<T extends string>({ label, value, tabs, onChange }: TabsProps<T>): ReactNode {
  return (
    <div role="tablist" aria-label={label} className="tabs" onKeyDown={moveAmong}>
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          aria-selected={tab.value === value}
          tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.count !== undefined && <span className="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  )
}

export interface SegmentedProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string; readonly icon?: IconName }[]
  readonly onChange: (value: T) => void
}

/** One of a few, all in sight: a window of time, light or dark. */
export function Segmented<T extends string>(props: SegmentedProps<T>): ReactNode {
  const { label, value, options, onChange } = props
  return (
    <div role="radiogroup" aria-label={label} className="segmented" onKeyDown={moveAmong}>
      {options.map((option) => (
        // biome-ignore lint/a11y/useSemanticElements: a button is what can be styled, and arrows move as among radios
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
        >
          {option.icon !== undefined && <Icon name={option.icon} />}
          {option.label}
        </button>
      ))}
    </div>
  )
}

/** Arrows, Home and End go from one button of a group to another, and press it; https://www.w3.org/WAI/ARIA/apg/. */
function moveAmong(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll('button')]
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: buttons.length - 1,
  }
  const next = steps[event.key]
  if (next === undefined || at === -1) return
  event.preventDefault()
  const button = buttons[(next + buttons.length) % buttons.length]
  button?.focus()
  button?.click()
}
