/** The language of the page: as it was chosen, or as the browser asks. */

import { createStore, type Store } from '../store.ts'

export type Language = 'en' | 'zh'

const place = 'hadal.language'

export const language: Store<Language> = createStore(read())
language.subscribe(() => {
  localStorage.setItem(place, language.get())
  document.documentElement.lang = language.get() === 'zh' ? 'zh-CN' : 'en'
})

function read(): Language {
  const chosen = localStorage.getItem(place)
  if (chosen === 'en' || chosen === 'zh') return chosen
  return navigator.languages.some((name) => /^zh\b/i.test(name)) ? 'zh' : 'en'
}
