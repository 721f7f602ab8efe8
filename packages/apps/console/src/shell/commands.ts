/** What can be done from the keyboard wherever one is: the shell's own commands, and those of the page in sight. */

import { useEffect } from 'react'
import type { IconName } from '../design/index.ts'
import { createStore, type Store } from '../store.ts'

export interface Command {
  readonly label: string
  readonly onPress: () => void
  readonly icon?: IconName
  /** Shown after the label, and searchable: `Theme`. */
  readonly group?: string
}

export const pageCommands: Store<readonly Command[]> = createStore<readonly Command[]>([])

/** Registered while the page is mounted. `commands` must keep its identity until it changes: `useMemo`. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    pageCommands.set(commands)
    return () => pageCommands.set([])
  }, [commands])
}

/** Commands that contain every typed word, in their given order. */
export function matching(commands: readonly Command[], typed: string): readonly Command[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean)
  return commands.filter(({ label, group = '' }) => {
    const text = `${label} ${group}`.toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}
