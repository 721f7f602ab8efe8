/** Shown above old data: why there is none that is newer. The shell reports that the server is away, or needs a key. */

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
