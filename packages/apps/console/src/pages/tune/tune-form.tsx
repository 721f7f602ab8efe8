/** The form of a tuning: the traffic, the SLO, how long to search. */

import type { TuneStatus } from '@hadal/protocol'
import { type ReactNode, useRef } from 'react'
import type { ApiError } from '../../api/api-error.ts'
import { Button, Disclosure, ErrorState, NumberField, Segmented, TextField } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { type FieldRow, type FormValues, fieldRows } from './tune-fields.ts'
import { tuneWords } from './tune-words.ts'

export interface TuneFormProps {
  readonly values: FormValues
  readonly onChange: (values: FormValues) => void
  readonly onStart: () => void
  readonly isStarting: boolean
  readonly error: ApiError | undefined
  /** What this service promises already. */
  readonly slo: TuneStatus['slo'] | undefined
}

const sources = ['poisson', 'gamma', 'bursts', 'diurnal', 'recorded'] as const

export function TuneForm({ values, onChange, onStart, isStarting, error, slo }: TuneFormProps): ReactNode {
  const say = useMessages(tuneWords)
  const { traffic = 'poisson' } = values
  const isRecorded = traffic === 'recorded'
  const fields = (group: FieldRow['group']): ReactNode => (
    <div className="fields">
      {fieldRows
        .filter((row) => row.group === group)
        .map((row) => (
          <TuneField key={row.name} {...{ row, values, slo, error, onChange }} />
        ))}
    </div>
  )
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        onStart()
      }}
    >
      <fieldset className="tune-group">
        <legend>{say.traffic}</legend>
        <div className="tune-sources">
          <Segmented
            label={say.shape}
            value={traffic}
            options={sources.map((value) => ({ value, label: say[value] }))}
            onChange={(next) => onChange({ ...values, traffic: next })}
          />
          <p className="soft small">{say[`${traffic}About`]}</p>
        </div>
        {isRecorded ? <Recorded values={values} onChange={onChange} /> : fields('traffic')}
      </fieldset>
      {!isRecorded && <Disclosure summary={say.more}>{fields('more')}</Disclosure>}
      <div className="tune-pair">
        <fieldset className="tune-group">
          <legend>{say.promise}</legend>
          {fields('promise')}
        </fieldset>
        <fieldset className="tune-group">
          <legend>{say.search}</legend>
          {fields('search')}
        </fieldset>
      </div>
      {error !== undefined && <ErrorState error={error} />}
      <div className="tune-foot">
        <Button kind="primary" icon="play" submits isBusy={isStarting}>
          {say.start}
        </Button>
        <p className="soft small">{say.quiet}</p>
      </div>
    </form>
  )
}

interface TuneFieldProps extends Pick<TuneFormProps, 'values' | 'onChange' | 'slo' | 'error'> {
  readonly row: FieldRow
}

function TuneField({ row, values, onChange, slo, error }: TuneFieldProps): ReactNode {
  const say = useMessages(tuneWords)
  const { name } = row
  const own =
    name === 'sloTtftMillis' ? slo?.ttftMillis : name === 'sloItlMillis' ? slo?.itlMillis : undefined
  const placeholder = String(own ?? (name === 'sloItlMillis' ? say.notPromised : row.byDefault))
  const change = (value: number | string | undefined): void => onChange({ ...values, [name]: value })
  const isInvalid = error?.field?.startsWith(`options.${name}`) === true
  const shared = {
    label: say[name],
    hint: say[`${name}Hint`],
    placeholder,
    error: isInvalid ? error.message : undefined,
  }
  if (row.kind === 'text')
    return (
      <TextField {...shared} isCode value={String(values[name] ?? '')} onChange={change} maxLength={60} />
    )
  const { min, max, step = 1, unit } = row
  const value = values[name]
  return (
    <NumberField
      {...shared}
      {...{ min, max, step, unit }}
      value={typeof value === 'number' ? value : undefined}
      onChange={change}
    />
  )
}

const maxCharacters = 4_000_000

function Recorded({ values, onChange }: Pick<TuneFormProps, 'values' | 'onChange'>): ReactNode {
  const say = useMessages(tuneWords)
  const input = useRef<HTMLInputElement>(null)
  const set = (recorded: string): void => onChange({ ...values, recorded })
  const open = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) set((await file.slice(0, maxCharacters).text()).slice(0, maxCharacters))
  }
  return (
    <div className="stack">
      <TextField
        label={say.recordedLabel}
        hint={say.recordedHint}
        rows={6}
        isCode
        value={values.recorded ?? ''}
        onChange={set}
      />
      <div className="row">
        <Button icon="upload" onPress={() => input.current?.click()}>
          {say.chooseFile}
        </Button>
        <input
          ref={input}
          type="file"
          className="visually-hidden"
          tabIndex={-1}
          aria-label={say.chooseFile}
          accept=".jsonl,.json,.ndjson,.txt"
          onChange={({ target }) => void open(target.files?.[0])}
        />
      </div>
    </div>
  )
}
