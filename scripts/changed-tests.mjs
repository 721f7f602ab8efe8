/**
 * `npm test -- --changed`: the test files that depend on what changed since the last commit (with a clean tree: on what the
 * last commit changed; `--changed=REF` names another start), nearest first, as many as fit into a minute.
 *
 * A file depends on another when it imports a name that the other defines (names are followed through a package's index, so a
 * change of one function does not reach every user of the package), starts it as a program, or names it in a string.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, posix } from 'node:path'
import { root } from './prepare.mjs'
import { readDurations } from './test-durations.mjs'

const budgetMillis = 50_000
/** Default for a file that has not run here yet. */
const guessedMillis = 1500
const isTest = (file) => /\.test\.tsx?$/.test(file)
const isModule = (file) => /\.(tsx?|mjs)$/.test(file)

/** @returns {{ since: string, tests: string[], left: string[] }} paths relative to the repository */
export function testsOfChanges(reference) {
  const { since, changed } = changedFiles(reference)
  const files = git('ls-files', '--cached', '--others', '--exclude-standard').filter((file) =>
    existsSync(join(root, file)),
  )
  const dependentsOf = dependents(files, (file) => readFileSync(join(root, file), 'utf8'))
  const reached = nearestFirst([...changed, ...neighbours(changed, dependentsOf, files)], dependentsOf)
  return { since, ...withinBudget(reached.filter(isTest), readDurations()) }
}

function changedFiles(reference) {
  const since = (from) => git('diff', '--name-only', '--no-renames', from)
  const untracked = git('ls-files', '--others', '--exclude-standard')
  if (reference !== undefined) return { since: reference, changed: [...since(reference), ...untracked] }
  const uncommitted = [...since('HEAD'), ...untracked]
  return uncommitted.length > 0
    ? { since: 'the last commit', changed: uncommitted }
    : { since: 'the commit before the last', changed: since('HEAD~1') }
}

const git = (...args) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\n')
    .filter(Boolean)

/** Tests from the start of the list that two workers can run within the budget; always at least the first. */
export function withinBudget(tests, durations) {
  let left = budgetMillis * Math.min(2, availableParallelism())
  const fits = tests.findIndex((test, at) => {
    left -= durations[test] ?? guessedMillis
    return left < 0 && at > 0
  })
  return fits < 0 ? { tests, left: [] } : { tests: tests.slice(0, fits), left: tests.slice(fits) }
}

/** For a changed file without references, such as C++ source: the tests of its package. */
function neighbours(changed, dependentsOf, files) {
  const owners = changed
    .filter((file) => !isTest(file) && !dependentsOf.has(file))
    .map(
      (file) =>
        /^packages\/(?:[\w-]+\/){1,2}(?=(?:src|test|native|data|weights|codegen|scripts)\/)/.exec(file)?.[0],
    )
  return files.filter((file) => isTest(file) && owners.some((owner) => owner && file.startsWith(owner)))
}

/** The changed files and all that depend on them, by the number of steps between. */
export function nearestFirst(changed, dependentsOf) {
  const reached = new Set(changed)
  for (const file of reached) for (const next of dependentsOf.get(file) ?? []) reached.add(next)
  return [...reached]
}

/**
 * For each file, those that depend on it. `read` gives a file's text.
 * @returns {Map<string, Set<string>>}
 */
export function dependents(files, read) {
  const known = new Set(files)
  const modules = new Map(files.filter(isModule).map((file) => [file, read(file)]))
  const packages = packageEntries(files, read)
  const found = new Map()
  const add = (from, to) => {
    if (to === undefined || from === to) return
    if (!found.has(to)) found.set(to, new Set())
    found.get(to).add(from)
  }
  const dataFiles = dataFilesByName(files)
  for (const [file, text] of modules) {
    for (const { names, specifier } of importsIn(text)) {
      const target = targetOf(file, specifier, known, packages)
      if (target === undefined) continue
      if (names === undefined || specifier.startsWith('.')) add(file, target)
      else for (const name of names) add(file, definition(target, name, modules, known) ?? target)
    }
    for (const named of pathsIn(text)) {
      const path = posix.join(posix.dirname(file), named)
      for (const each of [named, path, `${path}.ts`, `${path}.mjs`]) if (known.has(each)) add(file, each)
      for (const each of dataFiles.get(posix.basename(named)) ?? []) add(file, each)
    }
  }
  return found
}

/** Strings that may be paths: with a file extension or a folder. */
function pathsIn(text) {
  return [...text.matchAll(/['"`]([^'"`\n]*[\w-]\.[\w.]+|[^'"`\n]*\/[\w-]+)['"`]/g)].map(([, path]) => path)
}

/** Data files by name. A module that names one is taken to read it. */
function dataFilesByName(files) {
  const found = new Map()
  for (const file of files.filter((each) => !isModule(each) && posix.basename(each) !== 'package.json'))
    found.set(posix.basename(file), [...(found.get(posix.basename(file)) ?? []), file])
  return found
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

function targetOf(file, specifier, known, packages) {
  if (!specifier.startsWith('.')) return packages.get(specifier)
  const path = posix.join(posix.dirname(file), specifier)
  return known.has(path) ? path : undefined
}

/** A module's imports and re-exports. `names` is undefined for all names. */
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
      : undefined,
  }))
  for (const [, specifier] of text.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g))
    found.push({ specifier, names: undefined })
  return found.map(({ specifier, names }) => ({
    specifier,
    names: names?.map((name) => name.split(/\s+as\s+/)[0]),
  }))
}

/** The file that an index takes a name from, through further ones. */
function definition(file, name, modules, known) {
  const text = modules.get(file) ?? ''
  for (const [, stars, list, specifier] of text.matchAll(
    /^export\s+(?:type\s+)?(?:(\*)|\{([^}]*)\})\s*from\s*['"](\.[^'"]+)['"]/gm,
  )) {
    const next = posix.join(posix.dirname(file), specifier)
    if (!known.has(next)) continue
    if (stars) {
      const through = definition(next, name, modules, known)
      if (through !== undefined) return through
      continue
    }
    const entry = list
      .split(',')
      .map((each) => each.trim().replace(/^type\s+/, ''))
      .find((each) => each.split(/\s+as\s+/).at(-1) === name)
    if (entry !== undefined) return definition(next, entry.split(/\s+as\s+/)[0], modules, known) ?? next
  }
  return new RegExp(`^export\\b[^'"\\n]*\\b${name.replaceAll('$', '\\$')}\\b`, 'm').test(text)
    ? file
    : undefined
}
