/** The frame around each page: navigation, the server status banner, and the page itself. */

import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { watchConnection } from '../api/connection.ts'
import { patiently } from '../api/patiently.ts'
import { Toasts } from '../design/index.ts'
import { useMessages } from '../messages/use-messages.ts'
import { Banner } from './banner.tsx'
import { CurrentPage } from './current-page.tsx'
import { Nav } from './nav.tsx'
import { useRoute } from './route.ts'
import './shell.css'
import { shellWords } from './words.ts'

const Palette = lazy(patiently(() => import('./palette.tsx')))

export function Shell(): ReactNode {
  const say = useMessages(shellWords)
  const { page } = useRoute()
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  useEffect(watchConnection, [])
  useEffect(() => {
    const open = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return
      event.preventDefault()
      setPaletteOpen((isOpen) => !isOpen)
    }
    addEventListener('keydown', open)
    return () => removeEventListener('keydown', open)
  }, [])
  return (
    <div className="shell">
      <button
        type="button"
        className="shell-skip button button-primary"
        onClick={() => document.getElementById('main')?.focus()}
      >
        {say.skip}
      </button>
      <Nav current={page} onCommands={() => setPaletteOpen(true)} />
      <div className="shell-content">
        <Banner />
        <main id="main" tabIndex={-1}>
          <CurrentPage id={page} />
        </main>
      </div>
      {isPaletteOpen && (
        <Suspense fallback={null}>
          <Palette onClose={() => setPaletteOpen(false)} />
        </Suspense>
      )}
      <Toasts />
    </div>
  )
}
