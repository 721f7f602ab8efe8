/** Runs docstring examples with stated output and compares it. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import type { Example } from './api-shown.ts'
import { root } from './api-surface.ts'

/** Modules that examples import although they are too verbose to construct; only needed at run time for their types. */
export const given: Readonly<Record<string, string>> = {
  'my-run.ts': `import type { Run } from '@hadal/train'
export declare const run: Run
`,
  'my-deployment.ts': `import { resolveSettings, serviceSettings } from '@hadal/config'
import { type Deployment, planDeployment } from '@hadal/fleet'
const values = { model: 'org/model-7B-GGUF:Q8_0', deploy: { name: 'chat' }, scaling: { autoscaler: 'hadal', maxReplicas: 4 } }
const { values: service } = resolveSettings(serviceSettings, { file: { path: 'hadal.config.ts', values } })
export const deployment: Deployment = planDeployment({ service, said: new Set(['model', 'deploy', 'scaling']), version: '0.1.0' })
`,
}

interface Outcome {
  readonly line: number
  readonly expected: string
  readonly actual: string
}

/** Runs the examples with stated output; returns the mismatches. */
export async function runIssues(examples: readonly Example[]): Promise<readonly string[]> {
  const folder = join(root, 'node_modules', '.cache', `api-examples-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(given))
    writeFileSync(join(folder, name.replace('.ts', '.mjs')), plain(text))
  const issues: string[] = []
  try {
    for (const [index, example] of examples.filter(({ isRun }) => isRun).entries()) {
      const file = join(folder, `example-${index}.mjs`)
      try {
        writeFileSync(file, plain(watched(example.code)))
        const { outcomes } = (await import(pathToFileURL(file).href)) as { outcomes: readonly Outcome[] }
        for (const { line, expected, actual } of outcomes) {
          if (!isAsExpected(actual, expected))
            issues.push(`${example.title}, line ${line}: → ${actual}, not ${expected}`)
        }
      } catch (thrown) {
        issues.push(
          `${example.title}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message).split('\n').slice(0, 3).join(' | ') : thrown}`,
        )
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return issues
}

/** As JavaScript, so that Node loads it and the packages without a compiler. */
const plain = (text: string): string =>
  ts.transpileModule(text.replaceAll(/'(\.\/my-\w+)\.ts'/g, "'$1.mjs'"), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  }).outputText

const isAsExpected = (actual: string, expected: string): boolean =>
  expected.endsWith('…') ? actual.startsWith(expected.slice(0, -1).trimEnd()) : actual === expected

/** The name that a statement declares, in braces or not. */
function declaredOne({ declarationList: { declarations } }: ts.VariableStatement): string | undefined {
  const name = declarations[0]?.name
  if (name === undefined || ts.isIdentifier(name)) return name?.text
  const [element, ...more] = name.elements
  if (element === undefined || more.length > 0 || ts.isOmittedExpression(element)) return undefined
  return element.name.getText()
}

/** Instruments an example to record marked statements. Throws if a mark is not at the end of a statement. */
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
    const one = ts.isVariableStatement(statement) ? declaredOne(statement) : undefined
    const watchedText =
      mark[1] === 'throws'
        ? `try { ${written}; outcomes.push({ ${facts}, actual: 'nothing' }) } catch (thrown) { outcomes.push({ ${facts}, actual: String(thrown.code ?? thrown) }) }`
        : one !== undefined
          ? `${written}; outcomes.push({ ${facts}, actual: show(${one}) })`
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
