/** Form fields with label, help text and error. */

import { type ReactNode, type Ref, useId } from 'react'
import { useMessages } from '../messages/use-messages.ts'
import { Icon } from './icons.tsx'
import { designWords } from './words.ts'

interface FieldProps {
  readonly label: string
  /** Shown below the field: meaning, unit, default. */
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly isLabelHidden?: boolean | undefined
  readonly isDisabled?: boolean | undefined
}

export interface TextFieldProps extends FieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly placeholder?: string | undefined
  readonly type?: 'text' | 'password' | 'search' | 'date' | 'datetime-local' | 'url' | undefined
  /** More than one: a field that grows with its text. */
  readonly rows?: number | undefined
  readonly isCode?: boolean | undefined
  readonly maxLength?: number | undefined
  /** The `autocomplete` attribute; default `off`. */
  readonly autoComplete?: string | undefined
  /** In a dialog: receives the focus on opening. */
  readonly isFirst?: boolean | undefined
  /** Enter in a field of one row; with Control or Command in one of more. */
  readonly onEnter?: (() => void) | undefined
  readonly ref?: Ref<HTMLInputElement & HTMLTextAreaElement> | undefined
}

export function TextField(props: TextFieldProps): ReactNode {
  const { value, onChange, placeholder, type = 'text', rows = 1, isCode = false, isDisabled } = props
  const { maxLength, autoComplete = 'off', onEnter, ref } = props
  const id = useId()
  const shared = {
    id,
    ref,
    value,
    placeholder,
    maxLength,
    autoComplete,
    spellCheck: !isCode && type === 'text',
    disabled: isDisabled,
    'data-focus': props.isFirst === true || undefined,
    className: isCode ? 'input code' : 'input',
    'aria-invalid': props.error !== undefined || undefined,
    'aria-describedby': describedBy(id, props),
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    onKeyDown: (event: { key: string; ctrlKey: boolean; metaKey: boolean; preventDefault(): void }) => {
      if (event.key !== 'Enter' || onEnter === undefined) return
      if (rows > 1 && !event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      onEnter()
    },
  }
  return (
    <Field {...props} id={id}>
      {rows > 1 ? (
        <textarea
          rows={rows}
          style={{ minHeight: `calc(${rows} * 1lh + 2 * var(--space-1) + 2px)` }}
          {...shared}
        />
      ) : type === 'search' ? (
        <span className="input-search">
          <Icon name="search" />
          <input type="search" {...shared} />
        </span>
      ) : (
        <input type={type} {...shared} />
      )}
    </Field>
  )
}

export interface NumberFieldProps extends FieldProps {
  /** Undefined: as the server has it. */
  readonly value: number | undefined
  readonly onChange: (value: number | undefined) => void
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly step?: number | undefined
  readonly placeholder?: string | undefined
  /** A slider next to the number. */
  readonly hasSlider?: boolean | undefined
  readonly unit?: string | undefined
}

export function NumberField(props: NumberFieldProps): ReactNode {
  const { value, onChange, min, max, step, placeholder, isDisabled, hasSlider = false, unit } = props
  const id = useId()
  const say = useMessages(designWords)
  const slides = hasSlider && min !== undefined && max !== undefined
  return (
    <Field {...props} id={id}>
      <span className={slides ? 'number-row' : 'number-field'}>
        {slides && (
          <input
            type="range"
            aria-label={props.label}
            aria-valuetext={value === undefined ? say.asServer : undefined}
            className={value === undefined ? 'slider slider-unset' : 'slider'}
            style={{ '--filled': `${100 * share(value ?? placeholder, min, max)}%` } as object}
            value={value ?? numberOr(placeholder, min)}
            min={min}
            max={max}
            step={step ?? 'any'}
            disabled={isDisabled}
            onChange={({ target }) => onChange(target.valueAsNumber)}
          />
        )}
        <span className="input-unit">
          <input
            id={id}
            type="number"
            inputMode="decimal"
            className="input number"
            value={value ?? ''}
            placeholder={placeholder}
            min={min}
            max={max}
            step={step ?? 'any'}
            disabled={isDisabled}
            aria-invalid={props.error !== undefined || undefined}
            aria-describedby={describedBy(id, props)}
            onChange={({ target }) =>
              onChange(Number.isNaN(target.valueAsNumber) ? undefined : target.valueAsNumber)
            }
          />
          {unit !== undefined && <span className="unit">{unit}</span>}
        </span>
      </span>
    </Field>
  )
}

export interface SelectProps<T extends string> extends FieldProps {
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string; readonly isDisabled?: boolean }[]
  readonly onChange: (value: T) => void
}

export function Select<T extends string>(props: SelectProps<T>): ReactNode {
  const { value, options, onChange, isDisabled } = props
  const id = useId()
  return (
    <Field {...props} id={id}>
      <span className="input-select">
        <select
          id={id}
          className="input"
          value={value}
          disabled={isDisabled}
          aria-invalid={props.error !== undefined || undefined}
          aria-describedby={describedBy(id, props)}
          onChange={({ target }) => onChange(target.value as T)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.isDisabled}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </Field>
  )
}

function Field(props: FieldProps & { readonly id: string; readonly children: ReactNode }): ReactNode {
  const { id, label, hint, error, isLabelHidden, children } = props
  return (
    <div className="field">
      <label htmlFor={id} className={isLabelHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      {children}
      {error !== undefined ? (
        <p id={`${id}-hint`} className="hint hint-bad">
          <Icon name="warning" />
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-hint`} className="hint">
            {hint}
          </p>
        )
      )}
    </div>
  )
}

const describedBy = (id: string, { hint, error }: FieldProps): string | undefined =>
  hint === undefined && error === undefined ? undefined : `${id}-hint`

const numberOr = (text: string | undefined, otherwise: number): number => {
  const value = Number(text)
  return text === undefined || text === '' || Number.isNaN(value) ? otherwise : value
}

function share(value: number | string | undefined, min: number, max: number): number {
  const at = typeof value === 'number' ? value : numberOr(value, min)
  return Math.min(1, Math.max(0, (at - min) / (max - min)))
}
