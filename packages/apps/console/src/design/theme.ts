/** Light or dark theme: chosen, or the system's. Set as an attribute for tokens.css. */

import { createStore, type Store } from '../store.ts'

export type ThemeChoice = 'system' | 'light' | 'dark'
export type Theme = 'light' | 'dark'

const place = 'hadal.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

export const themeChoice: Store<ThemeChoice> = createStore(read())
/** The theme in effect; charts drawn on canvas subscribe to it. */
export const theme: Store<Theme> = createStore(shown())

themeChoice.subscribe(() => {
  keep(themeChoice.get())
  theme.set(shown())
})
system.addEventListener('change', () => theme.set(shown()))
theme.subscribe(apply)
apply()

function shown(): Theme {
  const choice = themeChoice.get()
  if (choice !== 'system') return choice
  return system.matches ? 'dark' : 'light'
}

function apply(): void {
  document.documentElement.dataset.theme = theme.get()
}

function read(): ThemeChoice {
  try {
    const chosen = localStorage.getItem(place)
    return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
  } catch {
    return 'system'
  }
}

/** Without browser storage, the choice lasts until the tab is closed. */
function keep(choice: ThemeChoice): void {
  try {
    localStorage.setItem(place, choice)
  } catch {}
}
