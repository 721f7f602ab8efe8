/** Input of tool results, one field per call. */

import { type ReactNode, useState } from 'react'
import { Button, TextField } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { ToolCallPart, ToolResultPart } from '../conversation.ts'
import { words } from '../words.ts'

export interface ToolAnswersProps {
  readonly calls: readonly ToolCallPart[]
  readonly onAnswer: (results: readonly ToolResultPart[]) => void
}

export function ToolAnswers({ calls, onAnswer }: ToolAnswersProps): ReactNode {
  const say = useMessages(words)
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({})
  const results = calls.map(
    ({ id, name }): ToolResultPart => ({ type: 'tool_result', callId: id, name, text: texts[id] ?? '' }),
  )
  return (
    <form
      className="pg-form pg-answers"
      onSubmit={(event) => {
        event.preventDefault()
        onAnswer(results)
      }}
    >
      {calls.map(({ id, name }) => (
        <TextField
          key={id}
          label={say.answerTool(name)}
          hint={say.answerHint}
          rows={3}
          isCode
          value={texts[id] ?? ''}
          onChange={(text) => setTexts((now) => ({ ...now, [id]: text }))}
          onEnter={() => onAnswer(results)}
        />
      ))}
      <Button kind="primary" submits>
        {say.sendResults}
      </Button>
    </form>
  )
}
