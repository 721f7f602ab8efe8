/** The default export of a recipe, in any module format. */

import { pathToFileURL } from 'node:url'

/** Undefined for a program. Throws what the file throws. */
export async function exportedRun(file: string): Promise<unknown> {
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown }
  const exported = module.default
  // A module that Node takes for CommonJS has all it exports under `default`.
  const isWhole = typeof exported === 'object' && exported !== null && '__esModule' in exported
  const found = isWhole ? (exported as { default?: unknown }).default : exported
  const isEmpty = typeof found === 'object' && found !== null && Object.keys(found).length === 0
  return isEmpty ? undefined : found
}
