/** The operations page. */

import type { ReactNode } from 'react'
import { Page } from '../../design/index.ts'
import { defineMessages, useMessages } from '../../messages/use-messages.ts'

const words = defineMessages({ en: { title: 'Operations' }, zh: { title: 'Operations' } })

export default function OperationsPage(): ReactNode {
  const say = useMessages(words)
  return (
    <Page title={say.title}>
      <p />
    </Page>
  )
}
