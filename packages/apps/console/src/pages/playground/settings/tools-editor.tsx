/** The tools that a model may call, as JSON. */

import type { ReactNode } from 'react'
import { Button, Select, Switch, TextField } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { words } from '../words.ts'
import type { ToolSettings } from './settings.ts'

export interface ToolsEditorProps {
  readonly value: ToolSettings
  readonly onChange: (value: ToolSettings) => void
}

const example = JSON.stringify(
  [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'The weather in a city now',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
      },
    },
  ],
  null,
  2,
)

export function ToolsEditor({ value, onChange }: ToolsEditorProps): ReactNode {
  const say = useMessages(words)
  const issue = value.text.trim() === '' ? undefined : issueOf(value.text)
  return (
    <div className="pg-form">
      <Switch
        label={say.toolsOn}
        isOn={value.isOn}
        onChange={(isOn) => onChange({ ...value, isOn, text: value.text || (isOn ? example : '') })}
      />
      {value.isOn && (
        <>
          <TextField
            label={say.toolsText}
            hint={say.toolsHint}
            error={issue === undefined ? undefined : say.error_tools(issue)}
            rows={10}
            isCode
            value={value.text}
            onChange={(text) => onChange({ ...value, text })}
          />
          <Select
            label={say.toolChoice}
            value={value.choice}
            options={(['auto', 'required', 'none'] as const).map((choice) => ({
              value: choice,
              label: say[`choice_${choice}`],
            }))}
            onChange={(choice) => onChange({ ...value, choice })}
          />
          <Button size="small" onPress={() => onChange({ ...value, text: example })}>
            {say.toolExample}
          </Button>
        </>
      )}
    </div>
  )
}

function issueOf(text: string): string | undefined {
  try {
    return Array.isArray(JSON.parse(text)) ? undefined : ''
  } catch (error) {
    return (error as Error).message
  }
}
