/** The language of the page: as it was chosen, or as the browser asks. */

import { createStore, type Store } from '../store.ts'

export type Language = 'en' | 'zh'

const place = 'hadal.language'

export const language: Store<Language> = createStore(read())
language.subscribe(() => {
  keep(language.get())
  apply()
})
apply()

/** Language for screen readers. */
function apply(): void {
  if (typeof document === 'undefined') return
  document.documentElement.lang = language.get() === 'zh' ? 'zh-CN' : 'en'
}

function read(): Language {
  if (typeof navigator === 'undefined') return 'en'
  const chosen = kept()
  if (chosen === 'en' || chosen === 'zh') return chosen
  return (navigator.languages ?? []).some((name) => /^zh\b/i.test(name)) ? 'zh' : 'en'
}

function kept(): string | null {
  try {
    return localStorage.getItem(place)
  } catch {
    return null
  }
}

/** Without storage, the choice lasts until the tab is closed. */
function keep(chosen: Language): void {
  try {
    localStorage.setItem(place, chosen)
  } catch {}
}
