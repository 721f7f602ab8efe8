/** The pages there are: one row each. All but the playground are loaded when they are opened. */

import type { ComponentType } from 'react'
import type { IconName } from '../design/index.ts'

export type PageId = 'playground' | 'live' | 'tune' | 'runs' | 'guard' | 'operations' | 'keys' | 'design'

export interface PageEntry {
  readonly id: PageId
  readonly icon: IconName
  readonly needsAdmin: boolean
  /** In the bar of a phone; the others are behind its last button. */
  readonly isInBar: boolean
  readonly load: () => Promise<{ readonly default: ComponentType }>
}

export const pages: readonly PageEntry[] = [
  {
    id: 'playground',
    icon: 'chat',
    needsAdmin: false,
    isInBar: true,
    load: () => import('../pages/playground/playground-page.tsx'),
  },
  {
    id: 'live',
    icon: 'pulse',
    needsAdmin: true,
    isInBar: true,
    load: () => import('../pages/live/live-page.tsx'),
  },
  {
    id: 'tune',
    icon: 'sliders',
    needsAdmin: true,
    isInBar: false,
    load: () => import('../pages/tune/tune-page.tsx'),
  },
  {
    id: 'runs',
    icon: 'curve',
    needsAdmin: true,
    isInBar: true,
    load: () => import('../pages/runs/runs-page.tsx'),
  },
  {
    id: 'guard',
    icon: 'shield',
    needsAdmin: true,
    isInBar: true,
    load: () => import('../pages/guard/guard-page.tsx'),
  },
  {
    id: 'operations',
    icon: 'server',
    needsAdmin: true,
    isInBar: false,
    load: () => import('../pages/operations/operations-page.tsx'),
  },
  {
    id: 'keys',
    icon: 'key',
    needsAdmin: true,
    isInBar: false,
    load: () => import('../pages/keys/keys-page.tsx'),
  },
]

/** Every component in every state, for page authors: reachable only by the address `#/design`. */
const design: PageEntry = {
  id: 'design',
  icon: 'eye',
  needsAdmin: false,
  isInBar: false,
  load: () => import('../pages/design/design-page.tsx'),
}

export const pageOf = (id: string): PageEntry | undefined => [...pages, design].find((page) => page.id === id)
