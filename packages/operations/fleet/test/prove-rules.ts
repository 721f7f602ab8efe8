/** For tests: what promtool reports of rules and their unit tests, in a separate folder. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Rule, ruleFile } from '../src/rules/rule-groups.ts'
import { ruleTestFile } from '../src/rules/rule-tests.ts'
import type { TopicRules } from '../src/rules/topic-rules.ts'
import { runProgram } from './programs.ts'

/** Each topic with its rules alone: promtool evaluates every rule of a file in every test. Gives what failed. */
export function proveTopics(topics: readonly TopicRules[], scrapeMillis: number): readonly string[] {
  return inFolder((folder) =>
    topics
      .filter(({ cases }) => cases.length > 0)
      .flatMap((topic) => {
        const file = write(folder, topic.group, topic.rules, topic, scrapeMillis)
        const { code, output } = runProgram('promtool', ['test', 'rules', file], { cwd: folder })
        return code === 0 ? [] : [output]
      }),
  )
}

export interface ChangedRules {
  readonly name: string
  readonly rules: readonly Rule[]
  /** With the cases that are to fail. */
  readonly topic: TopicRules
}

/** Changes whose cases all still hold: the tests do not detect them. */
export function unnoticedChanges(changes: readonly ChangedRules[], scrapeMillis: number): readonly string[] {
  return inFolder((folder) =>
    changes
      .filter(({ rules, topic }, at) => {
        const file = write(folder, `${at}`, rules, topic, scrapeMillis)
        return runProgram('promtool', ['test', 'rules', file], { cwd: folder }).code === 0
      })
      .map(({ name }) => name),
  )
}

function write(
  folder: string,
  name: string,
  rules: readonly Rule[],
  topic: TopicRules,
  scrapeMillis: number,
): string {
  writeFileSync(join(folder, `${name}.yaml`), ruleFile({ groups: [{ name, rules }] }))
  writeFileSync(join(folder, `${name}-test.yaml`), ruleTestFile([topic], scrapeMillis, `${name}.yaml`))
  return `${name}-test.yaml`
}

export function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-rules-'))
  try {
    return work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
