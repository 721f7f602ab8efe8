/** Replaces a page that this address of the server does not have: with `adminPort`, the admin API has a separate address. */

import type { ReactNode } from 'react'
import type { Api } from '../api/access.ts'
import { ButtonLink, EmptyState, Page } from '../design/index.ts'
import { defineMessages, useMessages } from '../messages/use-messages.ts'
import { hrefOf } from './route.ts'

const words = defineMessages({
  en: {
    admin: 'Administrator pages are on another port',
    adminWhy:
      'This server serves them on the port set by adminPort in its config. Open the console on that port. This port serves only the playground.',
    client: 'This is the administrator port',
    clientWhy:
      'The playground and the model API are on the main port of this server. This port serves only the administrator pages.',
    toPlayground: 'Open Playground',
    toLive: 'Open Live',
  },
  zh: {
    admin: '管理页面在另一个地址',
    adminWhy:
      '此服务器的管理页面使用单独的端口，即配置中的 adminPort。请在该端口打开控制台；此处只有对话页。',
    client: '这是管理员专用地址',
    clientWhy: '模型在服务器的另一个端口响应，对话页也在那里。此处只有管理页面。',
    toPlayground: '前往对话页',
    toLive: '前往实时页',
  },
})

export function Elsewhere({ api, title }: { readonly api: Api; readonly title: string }): ReactNode {
  const say = useMessages(words)
  const isAdmin = api === 'admin'
  return (
    <Page title={title}>
      <EmptyState
        icon="server"
        title={say[api]}
        action={
          <ButtonLink href={hrefOf(isAdmin ? 'playground' : 'live')}>
            {isAdmin ? say.toPlayground : say.toLive}
          </ButtonLink>
        }
      >
        <p>{isAdmin ? say.adminWhy : say.clientWhy}</p>
      </EmptyState>
    </Page>
  )
}
