/**
 * Every name of the public API has an example, and every example is right. All of them are type-checked together in one
 * program against the packages' own sources. Those that say what comes out are run: after a statement, `// → value` is what
 * `util.inspect` says of it (`…` at its end: begins so), and `// throws code` the code of the error. The others need a
 * server, a model or a cluster, so their types alone are checked.
 *
 * `npm run api:examples` does it all, `npm run api:examples batching` for one package. `--run` leaves types out, `--types` runs nothing.
 */

import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { given, runIssues } from './api-run.ts'
import { type Example, examplesOf, publicNames, unshown } from './api-shown.ts'
import { root } from './api-surface.ts'

/** Compiler errors of the examples, in one program. */
export function typeIssues(examples: readonly Example[]): readonly string[] {
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
  const givenAt = (path: string): string | undefined =>
    path.startsWith(`${root}/scripts/`) ? given[basename(path)] : undefined
  host.fileExists = (path) => virtual.has(path) || givenAt(path) !== undefined || fileExists(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = givenAt(path)
    if (text !== undefined) return ts.createSourceFile(path, text, target)
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

const { values: only, positionals } = parseArgs({
  options: { run: { type: 'boolean' }, types: { type: 'boolean' } },
  allowPositionals: true,
})
const names = publicNames(positionals)
const examples = examplesOf(names)
const issues = [
  ...unshown(names),
  ...(only.run ? [] : typeIssues(examples)),
  ...(only.types ? [] : await runIssues(examples)),
]
for (const issue of issues) console.log(issue)
const shown = names.filter(({ isInternal }) => !isInternal)
const values = shown.filter(({ isValue }) => isValue).length
const run = examples.filter(({ isRun }) => isRun).length
console.log(
  `${examples.length} examples of ${values} values and ${shown.length - values} types; ${run} say what comes out; ${issues.length} faults`,
)
process.exitCode = issues.length > 0 ? 1 : 0
