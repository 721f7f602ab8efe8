/** Findings as SARIF 2.1.0, which GitHub shows alongside the lines of a pull request. */

import type { LintFinding } from '@hadal/fleet'
import { harmCatalogue } from './harm/rules.ts'
import { rejectionCatalogue } from './reject/catalogue.ts'
import type { RuleFacts } from './rule-facts.ts'

const levels = { rejected: 'error', harmful: 'warning', advice: 'note' } as const

/** @internal */
export function sarifOf(findings: readonly LintFinding[], version: string): object {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'hadal deploy lint',
            version,
            rules: ids.map((id) => ruleOf(id, findings)),
          },
        },
        results: findings.map((found) => ({
          ruleId: found.rule,
          ruleIndex: ids.indexOf(found.rule),
          level: levels[found.severity],
          message: {
            text: `${[found.object, found.path].filter((each) => each !== '').join(', ')}: ${found.reason}\nFix: ${found.fix}`.replace(
              /^: /,
              '',
            ),
          },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(found.file) },
                region: { startLine: Math.max(1, found.line) },
              },
              ...(found.object === '' ? {} : { logicalLocations: [{ fullyQualifiedName: nameIn(found) }] }),
            },
          ],
        })),
      },
    ],
  }
}

const nameIn = ({ object, path }: LintFinding): string => (path === '' ? object : `${object}.${path}`)

function ruleOf(id: string, findings: readonly LintFinding[]): object {
  const facts: RuleFacts | undefined = [...rejectionCatalogue, ...harmCatalogue].find(
    (each) => each.id === id,
  )
  const severity = facts?.severity ?? findings.find(({ rule }) => rule === id)!.severity
  const text =
    facts === undefined
      ? {}
      : { shortDescription: { text: facts.what }, fullDescription: { text: facts.why } }
  return { id, ...text, defaultConfiguration: { level: levels[severity] } }
}
