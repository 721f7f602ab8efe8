/** Where one can go: at the side of a wide window, icons alone on a narrower one, a bar at the foot of a phone. */

import { type ReactNode, useState } from 'react'
import { serverFacts } from '../api/session.ts'
import { Button, Dialog, Icon, Mark } from '../design/index.ts'
import { useMessages } from '../messages/use-messages.ts'
import { useStore } from '../store.ts'
import { type PageEntry, pages } from './pages.ts'
import { Preferences } from './preferences.tsx'
import { hrefOf } from './route.ts'
import { shellWords } from './words.ts'

export interface NavProps {
  readonly current: string
  readonly onCommands: () => void
}

export function Nav({ current, onCommands }: NavProps): ReactNode {
  const say = useMessages(shellWords)
  const facts = useStore(serverFacts)
  const [isMoreOpen, setMoreOpen] = useState(false)
  const isBehindMore = pages.some(({ id, isInBar }) => id === current && !isInBar)
  return (
    <>
      <header className="shell-side">
        <a className="shell-brand" href={hrefOf('playground')} aria-label="Hadal">
          <Mark />
          <span>Hadal</span>
        </a>
        <nav aria-label={say.pages}>
          {pages.map((page) => (
            <PageLink key={page.id} page={page} isCurrent={page.id === current} />
          ))}
        </nav>
        <div className="shell-side-foot">
          <button
            type="button"
            className="shell-link"
            onClick={onCommands}
            title={`${say.commands} (Ctrl K)`}
          >
            <Icon name="search" />
            <span>{say.commands}</span>
            <kbd>Ctrl K</kbd>
          </button>
          <Preferences isCompact />
          {facts !== undefined && <p className="shell-version">{`Hadal ${facts.version}`}</p>}
        </div>
      </header>
      <nav className="shell-bar" aria-label={say.pages}>
        {pages
          .filter(({ isInBar }) => isInBar)
          .map((page) => (
            <PageLink key={page.id} page={page} isCurrent={page.id === current} />
          ))}
        <button
          type="button"
          className={isBehindMore ? 'shell-link shell-link-current' : 'shell-link'}
          aria-haspopup="dialog"
          aria-expanded={isMoreOpen}
          onClick={() => setMoreOpen(true)}
        >
          <Icon name="more" />
          <span>{say.more}</span>
        </button>
      </nav>
      <Dialog title="Hadal" isOpen={isMoreOpen} onClose={() => setMoreOpen(false)}>
        <nav className="shell-more" aria-label={say.pages} onClickCapture={() => setMoreOpen(false)}>
          {pages.map((page) => (
            <PageLink key={page.id} page={page} isCurrent={page.id === current} />
          ))}
        </nav>
        <Preferences onKeys={() => setMoreOpen(false)} />
        <Button
          icon="search"
          onPress={() => {
            setMoreOpen(false)
            onCommands()
          }}
        >
          {say.commands}
        </Button>
      </Dialog>
    </>
  )
}

interface PageLinkProps {
  readonly page: PageEntry
  readonly isCurrent: boolean
}

/** Preloads a page on hover or focus, before the click. */
function PageLink({ page, isCurrent }: PageLinkProps): ReactNode {
  const say = useMessages(shellWords)
  const fetchEarly = (): void => void page.load().catch(() => undefined)
  return (
    <a
      className="shell-link"
      href={hrefOf(page.id)}
      aria-current={isCurrent ? 'page' : undefined}
      title={say[page.id]}
      onPointerEnter={fetchEarly}
      onFocus={fetchEarly}
    >
      <Icon name={page.icon} />
      <span>{say[page.id]}</span>
    </a>
  )
}
