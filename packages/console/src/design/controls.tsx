/** What people press, type into and choose from. Each has a label that a screen reader says, shown or not. */

import { type ReactNode, useId } from 'react'

export interface ButtonProps {
  readonly children: ReactNode
  readonly onPress?: () => void
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  readonly isDisabled?: boolean
  /** Spins, says so, and cannot be pressed. */
  readonly isBusy?: boolean
  readonly submits?: boolean
  /** For those that show an icon alone: what it does, also as its tooltip. */
  readonly label?: string
}

export function Button(props: ButtonProps): ReactNode {
  const {
    children,
    onPress,
    kind = 'plain',
    isDisabled = false,
    isBusy = false,
    submits = false,
    label,
  } = props
  return (
    <button
      type={submits ? 'submit' : 'button'}
      className={`button button-${kind}`}
      disabled={isDisabled || isBusy}
      aria-busy={isBusy}
      aria-label={label}
      title={label}
      onClick={onPress}
    >
      {children}
    </button>
  )
}

interface FieldProps {
  readonly label: string
  /** Below the field: what it means, its unit, its default. */
  readonly hint?: string
  readonly error?: string | undefined
  readonly isLabelHidden?: boolean
  readonly isDisabled?: boolean
}

export interface TextFieldProps extends FieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly placeholder?: string
  readonly type?: 'text' | 'password' | 'search' | 'date'
  /** More than one: a field that grows with its text. */
  readonly rows?: number
  readonly isCode?: boolean
}

export function TextField(props: TextFieldProps): ReactNode {
  const { value, onChange, placeholder, type = 'text', rows = 1, isCode = false, isDisabled } = props
  const id = useId()
  const shared = {
    id,
    value,
    placeholder,
    disabled: isDisabled,
    className: isCode ? 'input code' : 'input',
    'aria-invalid': props.error !== undefined,
    'aria-describedby': `${id}-hint`,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  }
  return (
    <Field {...props} id={id}>
      {rows > 1 ? <textarea rows={rows} {...shared} /> : <input type={type} {...shared} />}
    </Field>
  )
}

export interface NumberFieldProps extends FieldProps {
  /** Undefined: as the server has it. */
  readonly value: number | undefined
  readonly onChange: (value: number | undefined) => void
  readonly min?: number
  readonly max?: number
  readonly step?: number
  readonly placeholder?: string
  /** A slider beside the number. */
  readonly hasSlider?: boolean
  readonly unit?: string
}

export function NumberField(props: NumberFieldProps): ReactNode {
  const { value, onChange, min, max, step, placeholder, isDisabled } = props
  const id = useId()
  return (
    <Field {...props} id={id}>
      <input
        id={id}
        type="number"
        className="input"
        value={value ?? ''}
        placeholder={placeholder}
        min={min}
        max={max}
        step={step}
        disabled={isDisabled}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => onChange(target.value === '' ? undefined : target.valueAsNumber)}
      />
    </Field>
  )
}

export interface SelectProps<T extends string> extends FieldProps {
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly onChange: (value: T) => void
}

export function Select<T extends string>(props: SelectProps<T>): ReactNode {
  const { value, options, onChange, isDisabled } = props
  const id = useId()
  return (
    <Field {...props} id={id}>
      <select
        id={id}
        className="input"
        value={value}
        disabled={isDisabled}
        onChange={({ target }) => onChange(target.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  )
}

export interface SwitchProps {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly hint?: string
  readonly isDisabled?: boolean
}

export function Switch({ label, isOn, onChange, hint, isDisabled }: SwitchProps): ReactNode {
  return (
    <label className="switch" title={hint}>
      <input
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        checked={isOn}
        disabled={isDisabled}
        onChange={({ target }) => onChange(target.checked)}
      />
      {label}
    </label>
  )
}

export interface TabsProps<T extends string> {
  /** Of the whole group. */
  readonly label: string
  readonly value: T
  readonly tabs: readonly { readonly value: T; readonly label: string; readonly count?: number }[]
  readonly onChange: (value: T) => void
}

/** The panel below belongs to whoever shows it: `<div role="tabpanel" aria-label=…>`. */
export function Tabs<T extends string>({ label, value, tabs, onChange }: TabsProps<T>): ReactNode {
  return (
    <div role="tablist" aria-label={label} className="tabs">
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          aria-selected={tab.value === value}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.count !== undefined && <span className="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  )
}

function Field({
  id,
  label,
  hint,
  error,
  isLabelHidden,
  children,
}: FieldProps & { id: string; children: ReactNode }): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id} className={isLabelHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      {children}
      <p id={`${id}-hint`} className={error === undefined ? 'hint' : 'hint bad'}>
        {error ?? hint}
      </p>
    </div>
  )
}
