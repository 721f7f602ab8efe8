/** Presets: built-in ones, and those saved in this browser. */

import { createStore, type Store } from '../../../store.ts'
import { settings as readSettings } from '../library/exchange.ts'
import type { Settings } from './settings.ts'

/** Settings without a model: a preset applies to any. */
export interface Preset {
  readonly name: string
  readonly settings: Settings
}

const place = 'hadal.presets'
const most = 50

export const presets: Store<readonly Preset[]> = createStore<readonly Preset[]>(read())

/** One of the same name is replaced. False where the browser keeps nothing: it is there until the tab is closed. */
export function savePreset(name: string, settings: Settings): boolean {
  const others = presets.get().filter((preset) => preset.name !== name)
  return write([...others, { name, settings: { ...settings, model: undefined } }].slice(-most))
}

export function removePreset(name: string): boolean {
  return write(presets.get().filter((preset) => preset.name !== name))
}

function write(list: readonly Preset[]): boolean {
  presets.set(list)
  try {
    localStorage.setItem(place, JSON.stringify(list))
    return true
  } catch {
    return false
  }
}

function read(): readonly Preset[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(place) ?? '[]')
    if (!Array.isArray(list)) return []
    return list.slice(0, most).flatMap((each) => {
      const name = (each as { name?: unknown } | null)?.name
      return typeof name === 'string' ? [{ name, settings: readSettings(each.settings) }] : []
    })
  } catch {
    return []
  }
}
