/** Collects the examples of the public API, and names without one. */

import { type ApiName, apiNames, apiPackages } from './api-surface.ts'

export interface Example {
  /** `@hadal/batching: jainIndex`, and the place of its declaration. */
  readonly title: string
  readonly folder: string
  readonly name: string
  readonly code: string
  readonly isRun: boolean
}

/** Exports of the public packages, including `@internal` ones. */
export const publicNames = (folders: readonly string[] = []): readonly ApiName[] =>
  apiPackages()
    .filter(({ inner, folder }) => !inner && (folders.length === 0 || folders.includes(folder)))
    .flatMap(apiNames)

export const examplesOf = (names: readonly ApiName[]): readonly Example[] =>
  names.flatMap(({ package: { name: from, folder }, name, place, examples }) =>
    examples.map((code) => ({
      title: `${from}: ${name} (${place})`,
      folder,
      name,
      code,
      isRun: /\/\/ (→|throws) /.test(code),
    })),
  )

/**
 * Names that lack documentation: a value without an example or description, and a type not used in any example of its package or in the
 * signature of something that has one or is `@internal`.
 */
export function unshown(names: readonly ApiName[]): readonly string[] {
  const shown = new Map<string, Set<string>>()
  for (const { package: pkg, examples, signature, isInternal } of names) {
    if (examples.length === 0 && !isInternal) continue
    const words = shown.get(pkg.folder) ?? new Set<string>()
    shown.set(pkg.folder, words)
    for (const word of `${signature} ${examples.join(' ')}`.matchAll(/[\w$]+/g)) words.add(word[0])
  }
  // Types used in a documented type are reachable from it.
  let before = -1
  const size = (): number => [...shown.values()].reduce((sum, words) => sum + words.size, 0)
  while (before !== size()) {
    before = size()
    for (const { package: pkg, name, signature, isValue } of names) {
      const words = shown.get(pkg.folder)
      if (isValue || words?.has(name) !== true) continue
      for (const word of signature.matchAll(/[\w$]+/g)) words.add(word[0])
    }
  }
  return names.flatMap(({ package: pkg, name, isValue, isInternal, examples, hasText, place }) => {
    if (isInternal) return []
    const what = isValue
      ? [...(examples.some(Boolean) ? [] : ['an example']), ...(hasText ? [] : ['a sentence'])]
      : examples.length > 0 || shown.get(pkg.folder)?.has(name)
        ? []
        : ['an example that shows it']
    return what.length === 0 ? [] : [`${pkg.name}: ${name} lacks ${what.join(' and ')} (${place})`]
  })
}
