/** The tune page. */

import type { ReactNode } from 'react'
import { Page } from '../../design/index.ts'
import { defineMessages, useMessages } from '../../messages/use-messages.ts'

const words = defineMessages({ en: { title: 'Tune' }, zh: { title: 'Tune' } })

export default function TunePage(): ReactNode {
  const say = useMessages(words)
  return (
    <Page title={say.title}>
      <p />
    </Page>
  )
}
