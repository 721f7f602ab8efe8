/** The pages there are: one row each. All but the playground are loaded when they are opened. */

import type { ComponentType } from 'react'

export type PageId = 'playground' | 'live' | 'tune' | 'runs' | 'guard' | 'operations' | 'keys'

export interface PageEntry {
  readonly id: PageId
  readonly needsAdmin: boolean
  readonly load: () => Promise<{ readonly default: ComponentType }>
}

export const pages: readonly PageEntry[] = [
  { id: 'playground', needsAdmin: false, load: () => import('../pages/playground/playground-page.tsx') },
  { id: 'live', needsAdmin: true, load: () => import('../pages/live/live-page.tsx') },
  { id: 'tune', needsAdmin: true, load: () => import('../pages/tune/tune-page.tsx') },
  { id: 'runs', needsAdmin: true, load: () => import('../pages/runs/runs-page.tsx') },
  { id: 'guard', needsAdmin: true, load: () => import('../pages/guard/guard-page.tsx') },
  { id: 'operations', needsAdmin: true, load: () => import('../pages/operations/operations-page.tsx') },
  { id: 'keys', needsAdmin: true, load: () => import('../pages/keys/keys-page.tsx') },
]
