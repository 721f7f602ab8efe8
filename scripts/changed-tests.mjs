/**
 * `npm test -- --changed`: the test files that depend on what changed since the last commit (with a clean tree: on what the last
 * commit changed; `--changed=REF` names another start). All fast ones, and the slow ones that fit into a minute, the nearest first.
 *
 * A file depends on another when it imports a name that the other defines (names are followed through a package's index, so a
 * change of one function does not reach every user of the package), starts it as a program, or names it in a string.
 */

import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, posix } from 'node:path'
import { git, importGraph, isModule, repositoryFiles } from './import-graph.mjs'
import { root } from './prepare.mjs'
import { readDurations } from './test-durations.mjs'

const budgetMillis = 60_000
/** A test file that takes longer is slow. One that has not run yet counts as fast. */
const slowMillis = 2_000
const guessedMillis = 500

const isTest = (file) => /\.test\.tsx?$/.test(file)
const isDocument = (file) => /\.md$|^docs\/|^bench\/reports\/|^LICENSE$/.test(file)
/** What every test depends on. */
const isSetup = (file) =>
  /^(vitest\.config\.ts|package(-lock)?\.json|(.*\/)?tsconfig[\w.]*\.json|\.npmrc|scripts\/(prepare|test|test-reporter|build|bundle|package-folders)\.mjs)$/.test(
    file,
  )
/** Loads the addon that is compiled from C++. */
const addonLoader = 'packages/training/tensor/src/native.ts'

/** @returns {{ since: string, tests: string[], postponed: string[], onlyDocuments: boolean }} paths relative to the repository */
export function testsOfChanges(reference) {
  const { since, changed } = changedFiles(reference)
  const files = repositoryFiles()
  const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '')
  const dependentsOf = dependents([...new Set([...files, ...changed])], read)
  const reached = testsReachedBy(changed, dependentsOf, files)
  return { since, onlyDocuments: changed.every(isDocument), ...chosen(reached, changed, readDurations()) }
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

/** Nearest first. */
export function testsReachedBy(changed, dependentsOf, files) {
  const tests = files.filter(isTest)
  const seeds = changed.flatMap((file) => {
    if (/^packages\/training\/tensor\/native\//.test(file)) return [file, addonLoader]
    // Sources name pages that they do not read.
    if (isDocument(file))
      return ['tests/docs/blocks.ts', ...[...(dependentsOf.get(file) ?? [])].filter(isTest)]
    return isTest(file) || dependentsOf.has(file) ? [file] : [file, ...testsOfPackage(file, tests)]
  })
  const reached = new Set(seeds)
  for (const file of reached) for (const next of dependentsOf.get(file) ?? []) reached.add(next)
  const nearest = tests.filter((test) => reached.has(test))
  const order = new Map([...reached].map((file, index) => [file, index]))
  nearest.sort((a, b) => order.get(a) - order.get(b))
  return changed.some(isSetup) ? [...new Set([...nearest, ...tests])] : nearest
}

/** For a changed file that no module names. */
function testsOfPackage(file, tests) {
  const owner =
    /^packages\/(?:[\w-]+\/){1,2}(?=(?:src|test|native|data|weights|codegen|scripts)\/|package\.json$)/.exec(
      file,
    )?.[0]
  return owner === undefined ? [] : tests.filter((test) => test.startsWith(owner))
}

/** Every fast test, and of the slow ones those that changed, and the nearest that fit into the budget. */
export function chosen(reached, changed, durations) {
  const millisOf = (test) => durations[test] ?? guessedMillis
  let left = budgetMillis * Math.min(2, availableParallelism())
  const isSlow = (test) => millisOf(test) > slowMillis && !changed.includes(test)
  for (const test of reached) if (!isSlow(test)) left -= millisOf(test)
  const postponed = new Set()
  for (const test of reached.filter(isSlow)) {
    left -= millisOf(test)
    if (left < 0) postponed.add(test)
  }
  return { tests: reached.filter((test) => !postponed.has(test)), postponed: [...postponed] }
}

/**
 * For each file, those that depend on it. `read` gives a file's text.
 * @returns {Map<string, Set<string>>}
 */
export function dependents(files, read) {
  const known = new Set(files)
  const { texts, importsOf } = importGraph(files, read)
  const found = new Map()
  const add = (from, to) => {
    if (from === to || isTest(to)) return
    if (!found.has(to)) found.set(to, new Set())
    found.get(to).add(from)
  }
  const dataFiles = dataFilesByName(files)
  for (const [file, text] of texts) {
    for (const { names, specifier, target } of importsOf.get(file)) {
      if (names === undefined || specifier.startsWith('.')) add(file, target)
      else for (const name of names) add(file, definition(target, name, texts, known) ?? target)
    }
    for (const named of pathsIn(text)) {
      const path = posix.join(posix.dirname(file), named)
      for (const each of [named, path].map(sourceOf))
        for (const candidate of [each, `${each}.ts`, `${each}.mjs`])
          if (known.has(candidate)) add(file, candidate)
      for (const each of dataFiles.get(posix.basename(named)) ?? []) add(file, each)
    }
  }
  return found
}

/** Programs are started from `dist`. */
const sourceOf = (path) =>
  /(^|\/)dist\//.test(path) ? path.replace(/(^|\/)dist\//, '$1src/').replace(/\.js$/, '.ts') : path

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

/** The file that an index takes a name from, through further ones. */
function definition(file, name, texts, known) {
  const text = texts.get(file) ?? ''
  for (const [, stars, list, specifier] of text.matchAll(
    /^export\s+(?:type\s+)?(?:(\*)|\{([^}]*)\})\s*from\s*['"](\.[^'"]+)['"]/gm,
  )) {
    const next = posix.join(posix.dirname(file), specifier)
    if (!known.has(next)) continue
    if (stars) {
      const through = definition(next, name, texts, known)
      if (through !== undefined) return through
      continue
    }
    const entry = list
      .split(',')
      .map((each) => each.trim().replace(/^type\s+/, ''))
      .find((each) => each.split(/\s+as\s+/).at(-1) === name)
    if (entry !== undefined) return definition(next, entry.split(/\s+as\s+/)[0], texts, known) ?? next
  }
  return new RegExp(`^export\\b[^'"\\n]*\\b${name.replaceAll('$', '\\$')}\\b`, 'm').test(text)
    ? file
    : undefined
}
