/** The examples that the public API has, and what still lacks one. */

import { type ApiName, apiNames, apiPackages } from './api-surface.ts'

export interface Example {
  /** `@hadal/batching: jainIndex`, and the place of its declaration. */
  readonly title: string
  readonly folder: string
  readonly name: string
  readonly code: string
  readonly isRun: boolean
}

/** What the public packages export, also what is `@internal`. */
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
 * Names that lack something: a value without an example or without a sentence, and a type that no example of its package
 * names, and that stands in no signature of anything that has one or is `@internal`.
 */
export function unshown(names: readonly ApiName[]): readonly string[] {
  const shown = new Map<string, Set<string>>()
  for (const { package: pkg, examples, signature, isInternal } of names) {
    if (examples.length === 0 && !isInternal) continue
    const words = shown.get(pkg.folder) ?? new Set<string>()
    shown.set(pkg.folder, words)
    for (const word of `${signature} ${examples.join(' ')}`.matchAll(/[\w$]+/g)) words.add(word[0])
  }
  // What stands in a type that is shown can be read there.
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
