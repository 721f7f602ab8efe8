/** The page that the address names: loaded when it is opened, behind the door it needs, and alone in what befalls it. */

import { type ComponentType, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { type Api, access } from '../api/access.ts'
import { keys } from '../api/keys.ts'
import { patiently } from '../api/patiently.ts'
import { askForAccess } from '../api/session.ts'
import { ButtonLink, EmptyState, Page, Skeleton } from '../design/index.ts'
import { useMessages } from '../messages/use-messages.ts'
import { useStore } from '../store.ts'
import { Elsewhere } from './elsewhere.tsx'
import { PageErrors } from './page-errors.tsx'
import { type PageEntry, pageOf } from './pages.ts'
import { hrefOf } from './route.ts'
import { KeyForm } from './sign-in.tsx'
import { shellWords } from './words.ts'

const loaded = new Map<string, ComponentType>()

function componentOf(page: PageEntry): ComponentType {
  const known = loaded.get(page.id)
  if (known !== undefined) return known
  const made = lazy(patiently(page.load))
  loaded.set(page.id, made)
  return made
}

export function CurrentPage({ id }: { readonly id: string }): ReactNode {
  const say = useMessages(shellWords)
  const page = pageOf(id)
  const [attempt, setAttempt] = useState(0)
  const title = page === undefined ? say.noPage : say[page.id]
  useEffect(() => {
    document.title = `${title} · Hadal`
  }, [title])
  useEffect(() => {
    // Also when the user moves on before the first page is loaded.
    arrivedAt ??= id
  }, [id])
  if (page === undefined)
    return (
      <Page title={say.noPage}>
        <EmptyState
          icon="search"
          title={say.noPage}
          action={<ButtonLink href={hrefOf('playground')}>{say.toPlayground}</ButtonLink>}
        >
          <p>{say.noPageLead(id)}</p>
        </EmptyState>
        <Arrived id={id} />
      </Page>
    )
  const again = (): void => {
    loaded.delete(page.id)
    setAttempt(attempt + 1)
  }
  return (
    <PageErrors key={`${id} ${attempt}`} title={say[page.id]} onAgain={again}>
      <Suspense fallback={<Waiting title={say[page.id]} />}>
        {page.needsAdmin ? <AdminApi page={page} /> : <Opened page={page} />}
      </Suspense>
    </PageErrors>
  )
}

function Opened({ page }: { readonly page: PageEntry }): ReactNode {
  const say = useMessages(shellWords)
  const api = page.needsAdmin ? 'admin' : 'client'
  const isElsewhere = useStore(access[api]).state === 'elsewhere'
  const Component = componentOf(page)
  return (
    <>
      {isElsewhere ? <Elsewhere api={api} title={say[page.id]} /> : <Component />}
      <Arrived id={page.id} />
    </>
  )
}

/** An open page stays when its key becomes invalid: the banner reports it. */
function AdminApi({ page }: { readonly page: PageEntry }): ReactNode {
  const say = useMessages(shellWords)
  const now = useStore(access.admin)
  const wasOpen = useRef(false)
  const isRequested = useRequested('admin')
  if (now.state === 'open') wasOpen.current = true
  // The user removed the keys: hide pages they opened.
  if (now.state === 'unknown') wasOpen.current = false
  if (now.state === 'refused' && !wasOpen.current && !now.wasOpen)
    return (
      <Page title={say[page.id]}>
        <div className="shell-door">
          <KeyForm api="admin" />
        </div>
        <Arrived id={page.id} />
      </Page>
    )
  if (now.state === 'unknown' && !isRequested) return <Waiting title={say[page.id]} />
  return <Opened page={page} />
}

/** Whether access was checked during this visit; it is checked again with every new key. */
function useRequested(api: Api): boolean {
  const [isRequested, setRequested] = useState(false)
  const given = useStore(keys)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is another question
  useEffect(() => {
    let isHere = true
    void askForAccess(api).then(() => isHere && setRequested(true))
    return () => {
      isHere = false
    }
  }, [api, given])
  return isRequested
}

function Waiting({ title }: { readonly title: string }): ReactNode {
  return (
    <Page title={title}>
      <Skeleton lines={8} />
    </Page>
  )
}

/** Focus does not move when the console opens, only when the user changes pages. */
let arrivedAt: string | undefined

/** Rendered after a page: on arrival, scrolls to the top and moves the focus to the heading. */
function Arrived({ id }: { readonly id: string }): ReactNode {
  useEffect(() => {
    if (arrivedAt !== undefined && arrivedAt !== id) {
      const main = document.getElementById('main')
      main?.scrollTo(0, 0)
      main?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
    }
    arrivedAt = id
  }, [id])
  return null
}
