/** The guard page. */

import type { ReactNode } from 'react'
import { Page } from '../../design/index.ts'
import { defineMessages, useMessages } from '../../messages/use-messages.ts'

const words = defineMessages({ en: { title: 'Guard' }, zh: { title: 'Guard' } })

export default function GuardPage(): ReactNode {
  const say = useMessages(words)
  return (
    <Page title={say.title}>
      <p />
    </Page>
  )
}
