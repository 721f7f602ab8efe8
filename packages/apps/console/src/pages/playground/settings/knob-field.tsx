/** A sampling parameter as a form field. Empty means the server's default. */

import { type ReactNode, useState } from 'react'
import { formatCount, NumberField, Select, Switch, TextField } from '../../../design/index.ts'
import { language } from '../../../messages/language.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import { issueOf, type Knob } from '../knobs.ts'
import { words } from '../words.ts'
import type { KnobValue } from './settings.ts'

export interface KnobFieldProps {
  readonly knob: Knob
  readonly value: KnobValue | undefined
  readonly onChange: (value: KnobValue | undefined) => void
}

export function KnobField({ knob, value, onChange }: KnobFieldProps): ReactNode {
  const say = useMessages(words)
  const [title, hint] = knob[useStore(language)]
  // The field's name, so that a setting can be found in the API reference.
  const label = `${title} (${knob.name})`
  switch (knob.kind) {
    case 'number':
    case 'integer': {
      const { min, max, step, unit, hasSlider } = knob
      const issue = value === undefined ? undefined : issueOf(knob, value)
      const range = say.range(formatCount(min), formatCount(max))
      return (
        <NumberField
          label={label}
          hint={hint}
          error={issue === undefined ? undefined : issue === 'whole' ? say.whole : range}
          value={value as number | undefined}
          min={min}
          max={max}
          step={step}
          unit={unit}
          hasSlider={hasSlider}
          placeholder={knob.default === undefined ? undefined : String(knob.default)}
          onChange={onChange}
        />
      )
    }
    case 'boolean':
      return (
        <div>
          <Switch
            label={label}
            isOn={value === true}
            onChange={(isOn) => onChange(isOn ? true : undefined)}
          />
          <p className="pg-hint">{hint}</p>
        </div>
      )
    case 'choice':
      return (
        <Select
          label={label}
          hint={hint}
          value={(value as string | undefined) ?? ''}
          options={[
            { value: '', label: say.unset },
            ...knob.choices.map((choice) => ({ value: choice, label: choice })),
          ]}
          onChange={(choice) => onChange(choice === '' ? undefined : choice)}
        />
      )
    case 'texts':
      return (
        <TextsField
          label={label}
          hint={hint}
          error={value !== undefined && issueOf(knob, value) !== undefined ? say.lines : undefined}
          value={value as readonly string[] | undefined}
          onChange={onChange}
        />
      )
    case 'bias':
      return (
        <BiasField
          label={label}
          hint={hint}
          error={say.biasLine}
          value={value as Readonly<Record<string, number>> | undefined}
          onChange={onChange}
        />
      )
  }
}

interface LinesProps<T> {
  readonly label: string
  readonly hint: string
  readonly error: string | undefined
  readonly value: T | undefined
  readonly onChange: (value: T | undefined) => void
}

/** `\n` and `\t` are written as such: a stop text may be a line break. */
function TextsField({ label, hint, error, value, onChange }: LinesProps<readonly string[]>): ReactNode {
  const [text, setText] = useState(() =>
    (value ?? []).map((each) => each.replaceAll('\n', '\\n').replaceAll('\t', '\\t')).join('\n'),
  )
  return (
    <TextField
      label={label}
      hint={hint}
      error={error}
      rows={2}
      isCode
      value={value === undefined ? '' : text}
      onChange={(typed) => {
        setText(typed)
        const lines = typed.split('\n').filter((line) => line !== '')
        const texts = lines.map((line) => line.replaceAll('\\n', '\n').replaceAll('\\t', '\t'))
        onChange(texts.length === 0 ? undefined : texts)
      }}
    />
  )
}

function BiasField(props: LinesProps<Readonly<Record<string, number>>>): ReactNode {
  const { label, hint, error, value, onChange } = props
  const [text, setText] = useState(() =>
    Object.entries(value ?? {})
      .map(([token, bias]) => (Number.isNaN(bias) ? token : `${token} ${bias}`))
      .join('\n'),
  )
  const read = biasOf(text)
  return (
    <TextField
      label={label}
      hint={hint}
      error={read === undefined ? error : undefined}
      rows={2}
      isCode
      value={text}
      onChange={(typed) => {
        setText(typed)
        // Keep unparsable input as NaN, so that nothing is sent in its place.
        const bias = biasOf(typed) ?? { [typed]: Number.NaN }
        onChange(Object.keys(bias).length === 0 ? undefined : bias)
      }}
    />
  )
}

/** Undefined where a line is neither empty nor a token id and a number. */
function biasOf(text: string): Record<string, number> | undefined {
  const bias: Record<string, number> = {}
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const [, token, number] = /^\s*(\d+)[\s:,]+(-?\d+(?:\.\d+)?)\s*$/.exec(line) ?? []
    if (token === undefined || Math.abs(Number(number)) > 100) return undefined
    bias[token] = Number(number)
  }
  return bias
}
