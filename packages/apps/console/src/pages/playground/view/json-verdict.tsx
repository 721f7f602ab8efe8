/** Whether a JSON response is valid, and its schema violations. */

import type { ReactNode } from 'react'
import { Badge, Disclosure } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { checkSchema } from '../check-schema.ts'
import { type Message, textOf } from '../conversation.ts'
import { words } from '../words.ts'

export function JsonVerdict({ message }: { readonly message: Message }): ReactNode {
  const say = useMessages(words)
  const { expects, state } = message
  if (expects === undefined || state !== 'done') return null
  let value: unknown
  try {
    value = JSON.parse(textOf(message))
  } catch {
    return <Badge tone="warn">{say.isNotJson}</Badge>
  }
  if (expects.schema === undefined) return <Badge tone="good">{say.isJson}</Badge>
  const mismatches = checkSchema(value, expects.schema)
  if (mismatches.length === 0) return <Badge tone="good">{say.matches}</Badge>
  return (
    <Disclosure summary={<Badge tone="bad">{say.mismatches(mismatches.length)}</Badge>}>
      <ul>
        {mismatches.map(({ at, keyword }) => (
          <li key={`${at} ${keyword}`}>
            <code>{at === '' ? '/' : at}</code> {keyword}
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}
