/**
 * Every name of the public API has an example, and every example is right. All of them are type-checked together in one
 * program against the packages' own sources. Those that say what comes out are run: after a statement, `// → value` is what
 * `util.inspect` says of it (`…` at its end: begins so), and `// throws code` the code of the error. The others need a
 * server, a model or a cluster, so their types alone are checked.
 *
 * `npm run api:examples` does it all, `npm run api:examples batching` for one package. `api-examples.test.ts` runs what is quick.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { type ApiName, apiNames, apiPackages, root } from './api-surface.ts'

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

/** What the compiler says of the examples, in one program. */
export function typeFaults(examples: readonly Example[]): readonly string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  // A reader's own settings decide about these.
  Object.assign(options, {
    noEmit: true,
    declaration: false,
    isolatedDeclarations: false,
    noUncheckedIndexedAccess: false,
  })
  const virtual = new Map(
    examples.map((example, index) => [join(root, 'scripts', `.example-${index}.ts`), example]),
  )
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => virtual.has(path) || fileExists(path)
  host.getSourceFile = (path, target, ...rest) => {
    const example = virtual.get(path)
    if (example === undefined) return getSourceFile.call(host, path, target, ...rest)
    return ts.createSourceFile(path, `${example.code}\nexport {}\n`, target)
  }
  const program = ts.createProgram([...virtual.keys()], options, host)
  return [...virtual].flatMap(([path, { title }]) => {
    const file = program.getSourceFile(path)
    if (file === undefined) return [`${title}: not read`]
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start = 0, messageText }) => {
        const line = file.text.slice(0, start).split('\n').length
        return `${title}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
      },
    )
  })
}

interface Outcome {
  readonly line: number
  readonly expected: string
  readonly actual: string
}

/** Runs the examples that say what comes out; the ways in which it was something else. */
export async function runFaults(examples: readonly Example[]): Promise<readonly string[]> {
  const folder = join(root, 'node_modules', '.cache', `api-examples-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const faults: string[] = []
  try {
    for (const [index, example] of examples.filter(({ isRun }) => isRun).entries()) {
      const file = join(folder, `example-${index}.mts`)
      try {
        writeFileSync(file, watched(example.code))
        const { outcomes } = (await import(pathToFileURL(file).href)) as { outcomes: readonly Outcome[] }
        for (const { line, expected, actual } of outcomes) {
          if (!isAsExpected(actual, expected))
            faults.push(`${example.title}, line ${line}: → ${actual}, not ${expected}`)
        }
      } catch (thrown) {
        faults.push(
          `${example.title}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message).split('\n').slice(0, 3).join(' | ') : thrown}`,
        )
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return faults
}

const isAsExpected = (actual: string, expected: string): boolean =>
  expected.endsWith('…') ? actual.startsWith(expected.slice(0, -1).trimEnd()) : actual === expected

/** The example, which keeps what its marked statements came to. Throws where a mark is not at the end of a statement. */
export function watched(code: string): string {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true)
  let text = code
  let found = 0
  for (const statement of [...file.statements].reverse()) {
    const [comment] = ts.getTrailingCommentRanges(code, statement.end) ?? []
    const mark =
      comment === undefined
        ? null
        : /^\/\/ (→|throws) (.*)$/.exec(code.slice(comment.pos, comment.end).trimEnd())
    if (mark === null) continue
    found += 1
    const line = file.getLineAndCharacterOfPosition(statement.end).line + 1
    const facts = `line: ${line}, expected: ${JSON.stringify(mark[2])}`
    const written = code.slice(statement.getStart(), statement.end)
    const one = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations[0]?.name
      : undefined
    const watchedText =
      mark[1] === 'throws'
        ? `try { ${written}; outcomes.push({ ${facts}, actual: 'nothing' }) } catch (thrown) { outcomes.push({ ${facts}, actual: String(thrown.code ?? thrown) }) }`
        : one !== undefined && ts.isIdentifier(one)
          ? `${written}; outcomes.push({ ${facts}, actual: show(${one.text}) })`
          : `outcomes.push({ ${facts}, actual: show(${written}) })`
    text = text.slice(0, statement.getStart()) + watchedText + text.slice(statement.end)
  }
  const marks = code.match(/\/\/ (→|throws) /g)?.length ?? 0
  if (found !== marks) throw new Error('a mark stands where no statement of the example ends')
  return `import { inspect } from 'node:util'
const show = (value) => inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true, depth: 8 })
export const outcomes = []
${text}
`
}

if (process.argv[1] === import.meta.filename) {
  const names = publicNames(process.argv.slice(2))
  const examples = examplesOf(names)
  const faults = [...unshown(names), ...typeFaults(examples), ...(await runFaults(examples))]
  for (const fault of faults) console.log(fault)
  const shown = names.filter(({ isInternal }) => !isInternal)
  const values = shown.filter(({ isValue }) => isValue).length
  const run = examples.filter(({ isRun }) => isRun).length
  console.log(
    `${examples.length} examples of ${values} values and ${shown.length - values} types; ${run} were run, ${faults.length} faults`,
  )
  process.exitCode = faults.length > 0 ? 1 : 0
}
