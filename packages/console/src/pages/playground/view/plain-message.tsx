/** A message as plain text. */

import type { ReactNode } from 'react'
import type { Message } from '../conversation.ts'

export function MessageView({
  message,
}: {
  readonly message: Message
  readonly answers?: Message
}): ReactNode {
  return (
    <div className="pg-plain">
      {message.parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts only grow
        <p key={index}>{'text' in part ? part.text : `${part.name}(${part.arguments})`}</p>
      ))}
    </div>
  )
}
