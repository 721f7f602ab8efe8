/** promtool's verdicts on many expressions: one process, one rule for each on a separate line. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../../../fleet/test/programs.ts'

/** Promtool's complaint, or undefined where it takes the expression. */
export function judge(expressions: readonly string[]): (string | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'promql-'))
  try {
    const rules = expressions.map((expr) => `  - { record: a, expr: ${JSON.stringify(expr)} }`)
    const path = join(folder, 'rules.yaml')
    writeFileSync(path, `groups:\n- name: g\n  rules:\n${rules.join('\n')}\n`)
    const { code, output } = runProgram('promtool', ['check', 'rules', '--lint=none', path])
    const complaints = new Map<number, string>()
    for (const [, line, why] of output.matchAll(/rules\.yaml: (\d+):\d+: (.*)/g))
      complaints.set(Number(line) - 4, why!)
    if (code !== 0 && complaints.size === 0) throw new Error(output)
    return expressions.map((_, at) => complaints.get(at))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
