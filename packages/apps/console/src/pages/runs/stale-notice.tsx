/** Above what was told before: why nothing newer is. That the server is away, or wants a key, the shell says. */

import type { ReactNode } from 'react'
import type { ApiError } from '../../api/api-error.ts'
import { Notice } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { runWords } from './words.ts'

export function StaleNotice({ error }: { readonly error: ApiError | undefined }): ReactNode {
  const say = useMessages(runWords)
  if (error === undefined || error.status === 0 || error.needsKey) return null
  return (
    <Notice tone="warn">
      {say.stale} {error.message} <code>{error.code}</code>
    </Notice>
  )
}
