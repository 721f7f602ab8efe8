/** What `npm audit --json` found, in words; and whether it could look at all. Runs nothing. */

export interface AuditOutcome {
  /** `unknown`: the registry gave no answer, which is no issue of the dependencies. */
  readonly outcome: 'good' | 'bad' | 'unknown'
  readonly lines: readonly string[]
}

interface Report {
  readonly message?: string
  readonly error?: { readonly summary?: string; readonly code?: string }
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range?: string }>>
}

const serious = ['high', 'critical']

export function readAudit(output: string): AuditOutcome {
  const report = parsed(output)
  if (report?.vulnerabilities === undefined)
    return { outcome: 'unknown', lines: [`not audited: ${reasonIn(report) ?? 'npm audit gave no report'}`] }
  const found = Object.entries(report.vulnerabilities)
  const lines = found.map(([name, { severity, range = '' }]) => `${severity}: ${name} ${range}`.trim())
  const isBad = found.some(([, { severity }]) => serious.includes(severity))
  return { outcome: isBad ? 'bad' : 'good', lines }
}

function parsed(output: string): Report | undefined {
  try {
    return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as Report
  } catch {
    return undefined
  }
}

const reasonIn = (report: Report | undefined): string | undefined =>
  report?.message || report?.error?.summary || report?.error?.code || undefined
