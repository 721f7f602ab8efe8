/** The keys page. */

import type { ReactNode } from 'react'
import { Page } from '../../design/index.ts'
import { defineMessages, useMessages } from '../../messages/use-messages.ts'

const words = defineMessages({ en: { title: 'Keys' }, zh: { title: 'Keys' } })

export default function KeysPage(): ReactNode {
  const say = useMessages(words)
  return (
    <Page title={say.title}>
      <p />
    </Page>
  )
}
