/** The frame around each page: where one can go, and the page itself. */

import { lazy, type ReactNode, Suspense } from 'react'
import { Skeleton } from '../design/index.ts'
import { defineMessages, useMessages } from '../messages/use-messages.ts'
import { pages } from './pages.ts'
import { hrefOf, useRoute } from './route.ts'

const words = defineMessages({
  en: {
    playground: 'Playground',
    live: 'Live',
    tune: 'Tune',
    runs: 'Runs',
    guard: 'Guard',
    operations: 'Operations',
    keys: 'Keys and usage',
  },
  zh: {
    playground: '对话',
    live: '实时',
    tune: '调优',
    runs: '训练',
    guard: '防护',
    operations: '运维',
    keys: '密钥与用量',
  },
})

const loaded = new Map(pages.map((page) => [page.id as string, lazy(page.load)]))

export function Shell(): ReactNode {
  const say = useMessages(words)
  const { page } = useRoute()
  const Current = loaded.get(page) ?? loaded.get('playground')!
  return (
    <>
      <nav>
        {pages.map(({ id }) => (
          <a key={id} href={hrefOf(id)} aria-current={id === page ? 'page' : undefined}>
            {say[id]}
          </a>
        ))}
      </nav>
      <main id="main">
        <Suspense fallback={<Skeleton lines={8} />}>
          <Current />
        </Suspense>
      </main>
    </>
  )
}
