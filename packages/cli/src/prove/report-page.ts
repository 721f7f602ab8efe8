import type { ProveReport } from '@hadal/prove'

export function provePage(report: ProveReport, _rawTexts: Readonly<Record<string, string>>): string {
  return JSON.stringify(report)
}
