/** The live page. */

import type { ReactNode } from 'react'
import { Page } from '../../design/index.ts'
import { defineMessages, useMessages } from '../../messages/use-messages.ts'

const words = defineMessages({ en: { title: 'Live' }, zh: { title: 'Live' } })

export default function LivePage(): ReactNode {
  const say = useMessages(words)
  return (
    <Page title={say.title}>
      <p />
    </Page>
  )
}
