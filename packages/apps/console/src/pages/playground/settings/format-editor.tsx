/** Response format: JSON, JSON Schema, regular expression, grammar. The server reports which it supports. */

import { type ReactNode, useState } from 'react'
import { ApiError } from '../../../api/api-error.ts'
import { send } from '../../../api/request.ts'
import { Button, Notice, Segmented, Select, TextField } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { modelOf } from '../models.ts'
import { requestBody } from '../request-body.ts'
import { words } from '../words.ts'
import { SchemaForm } from './schema-form.tsx'
import { defaultSettings, type FormatSettings } from './settings.ts'

export interface FormatEditorProps {
  readonly value: FormatSettings
  readonly model: string | undefined
  readonly onChange: (value: FormatSettings) => void
}

const kinds = ['text', 'json_object', 'json_schema', 'regex', 'grammar'] as const
const exampleGrammar = 'root ::= ("yes" | "no") "."'

export function FormatEditor({ value, model, onChange }: FormatEditorProps): ReactNode {
  const say = useMessages(words)
  const [view, setView] = useState<'form' | 'text'>('form')
  const issue =
    value.kind === 'json_schema' && value.schema.trim() !== '' ? jsonIssue(value.schema) : undefined
  return (
    <div className="pg-form">
      <Select
        label={say.formatKind}
        value={value.kind}
        options={kinds.map((kind) => ({ value: kind, label: say[`format_${kind}`] }))}
        onChange={(kind) =>
          onChange({
            ...value,
            kind,
            grammar: value.grammar || (kind === 'grammar' ? exampleGrammar : ''),
          })
        }
      />
      {value.kind === 'json_schema' && (
        <>
          <Segmented
            label={say.schema}
            value={view}
            options={[
              { value: 'form', label: say.schemaForm },
              { value: 'text', label: say.schemaText },
            ]}
            onChange={setView}
          />
          {view === 'form' ? (
            <SchemaForm schema={value.schema} onChange={(schema) => onChange({ ...value, schema })} />
          ) : (
            <TextField
              label={say.schema}
              error={issue === undefined ? undefined : say.error_schema(issue)}
              rows={10}
              isCode
              value={value.schema}
              onChange={(schema) => onChange({ ...value, schema })}
            />
          )}
        </>
      )}
      {value.kind === 'regex' && (
        <TextField
          label={say.regex}
          isCode
          placeholder="(yes|no)\."
          value={value.regex}
          onChange={(regex) => onChange({ ...value, regex })}
        />
      )}
      {value.kind === 'grammar' && (
        <TextField
          label={say.grammar}
          rows={6}
          isCode
          value={value.grammar}
          onChange={(grammar) => onChange({ ...value, grammar })}
        />
      )}
      {value.kind !== 'text' && value.kind !== 'json_object' && (
        <Check key={JSON.stringify(value)} format={value} model={model} />
      )}
    </div>
  )
}

/** Asks for one token in this format: what cannot be enforced is refused before it is computed. */
function Check({
  format,
  model,
}: {
  readonly format: FormatSettings
  readonly model: string | undefined
}): ReactNode {
  const say = useMessages(words)
  const [answer, setAnswer] = useState<'asking' | 'good' | { readonly why: string }>()
  const check = async (): Promise<void> => {
    const settings = { ...defaultSettings, model, format, knobs: { max_tokens: 1 } }
    const { body, issue } = requestBody(settings, [], modelOf(settings))
    if (issue !== undefined) {
      const word = say[`fault_${issue.place}`]
      return setAnswer({ why: typeof word === 'function' ? word(issue.detail) : word })
    }
    setAnswer('asking')
    try {
      const messages = [{ role: 'user', content: 'Hi' }]
      await send('/v1/chat/completions', { as: 'client', body: { ...body, messages } })
      setAnswer('good')
    } catch (error) {
      setAnswer({ why: error instanceof ApiError ? error.message : String(error) })
    }
  }
  return (
    <>
      <Button size="small" icon="check" isBusy={answer === 'asking'} onPress={() => void check()}>
        {say.check}
      </Button>
      {answer === 'good' && <Notice tone="good">{say.checkGood}</Notice>}
      {typeof answer === 'object' && <Notice tone="bad">{answer.why}</Notice>}
    </>
  )
}

function jsonIssue(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
