/** A JSON Schema of one flat object as a form: a row for each field. */

import type { ReactNode } from 'react'
import { Button, Checkbox, Notice, Select, TextField } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { words } from '../words.ts'
import { fieldTypes, rowsOf, type SchemaRow, schemaOf } from './simple-schema.ts'

export interface SchemaFormProps {
  readonly schema: string
  readonly onChange: (schema: string) => void
}

export function SchemaForm({ schema, onChange }: SchemaFormProps): ReactNode {
  const say = useMessages(words)
  const rows = rowsOf(schema)
  if (rows === undefined) return <Notice tone="warn">{say.schemaNotSimple}</Notice>
  const change = (index: number, changes: Partial<SchemaRow>): void =>
    onChange(schemaOf(rows.map((row, at) => (at === index ? { ...row, ...changes } : row))))
  // Two fields of one name would be one.
  const isFree = (name: string, index: number): boolean =>
    rows.every((row, at) => at === index || row.name !== name)
  let next = rows.length + 1
  while (!isFree(`field_${next}`, -1)) next++
  return (
    <div className="pg-form">
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is being typed
        <fieldset key={index} className="pg-schema-row" aria-label={row.name}>
          <TextField
            label={say.field}
            isCode
            value={row.name}
            onChange={(name) => isFree(name, index) && change(index, { name })}
          />
          <Select
            label={say.fieldType}
            value={row.type}
            options={fieldTypes.map((type) => ({ value: type, label: type }))}
            onChange={(type) => change(index, { type })}
          />
          <TextField
            label={say.fieldWhat}
            value={row.description}
            onChange={(description) => change(index, { description })}
          />
          <div className="row">
            <Checkbox
              label={say.fieldRequired}
              isOn={row.isRequired}
              onChange={(isRequired) => change(index, { isRequired })}
            />
            <Button
              kind="quiet"
              size="small"
              icon="trash"
              label={say.removeField(row.name)}
              onPress={() => onChange(schemaOf(rows.filter((_, at) => at !== index)))}
            />
          </div>
        </fieldset>
      ))}
      <Button
        size="small"
        icon="plus"
        onPress={() => {
          const row: SchemaRow = { name: `field_${next}`, type: 'string', description: '', isRequired: true }
          onChange(schemaOf([...rows, row]))
        }}
      >
        {say.addField}
      </Button>
    </div>
  )
}
