/** Status of a key, with colour and text. */

import type { ReactNode } from 'react'
import { Badge } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import type { KeyState } from './key-limits.ts'
import { keysWords } from './keys-words.ts'

const tones = { active: 'good', expired: 'warn', revoked: 'plain' } as const

export function StateBadge({ state }: { readonly state: KeyState }): ReactNode {
  const say = useMessages(keysWords)
  return <Badge tone={tones[state]}>{say[state]}</Badge>
}
