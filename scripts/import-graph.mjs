/**
 * Which file of the repository imports which: for the rules of layers.mjs and for `npm test -- --changed`. Read with regular expressions,
 * so that 5,000 files take a second. Plain JavaScript with no dependencies, like prepare.mjs.
 */

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { root } from './prepare.mjs'

export const isModule = (file) => /\.(tsx?|m?js)$/.test(file)

export const git = (...args) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\n')
    .filter(Boolean)

/** Paths relative to the repository, untracked files included. @returns {string[]} */
export const repositoryFiles = () =>
  git('ls-files', '--cached', '--others', '--exclude-standard').filter((file) => existsSync(join(root, file)))

/**
 * The code of each module, and its imports and re-exports that lead to another file. `names` is undefined for all names. `read` gives a
 * file's text.
 * @returns {{ texts: Map<string, string>, importsOf: Map<string, { target: string, names?: string[], specifier: string }[]> }}
 */
export function importGraph(files, read) {
  const known = new Set(files)
  const texts = new Map(files.filter(isModule).map((file) => [file, plainCode(read(file))]))
  const packages = packageEntries(files, read)
  const importsOf = new Map()
  for (const [file, text] of texts) {
    const found = importsIn(text).map((each) => ({
      ...each,
      target: each.specifier.startsWith('.')
        ? posix.join(posix.dirname(file), each.specifier)
        : packages.get(each.specifier),
    }))
    importsOf.set(
      file,
      found.filter(({ target }) => known.has(target)),
    )
  }
  return { texts, importsOf }
}

/** `@hadal/base` to `packages/kernel/base/src/index.ts`, by the exports of each package.json. */
function packageEntries(files, read) {
  const found = new Map()
  for (const file of files.filter((each) => /^packages\/(?:[\w-]+\/){1,2}package\.json$/.test(each))) {
    const { name, exports = {} } = JSON.parse(read(file))
    for (const [path, conditions] of Object.entries(exports)) {
      const source = conditions['@hadal/source']
      if (source !== undefined) found.set(posix.join(name, path), posix.join(posix.dirname(file), source))
    }
  }
  return found
}

/** Without comments, and without code blocks of Markdown in template strings. */
const plainCode = (source) =>
  source.replace(/^[ \t]*(?:\/\*\*[\s\S]*?\*\/|\/\/.*$)|(?:\\`){3}[\s\S]*?(?:\\`){3}/gm, '')

function importsIn(text) {
  const clauses = /^(?:import|export)\b\s*(?:type\s*)?([^'";=]*?)\s*\bfrom\s*['"]([^'"]+)['"]/gm
  const found = [...text.matchAll(clauses)].map(([, clause, specifier]) => ({
    specifier,
    names: /^\{[^}]*\}$/.test(clause)
      ? clause
          .slice(1, -1)
          .split(',')
          .map((name) => name.trim().replace(/^type\s+/, ''))
          .filter(Boolean)
          .map((name) => name.split(/\s+as\s+/)[0])
      : undefined,
  }))
  for (const [, specifier] of text.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g)) found.push({ specifier })
  return found
}
