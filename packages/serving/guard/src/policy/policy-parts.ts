/** What a policy may say, as a flat list for a page of reference: each part with what it takes, its default and what it is for. */

import { policyFields } from './policy-fields.ts'
import { auditDefaults, budgetDefaults, defaultPolicy, smoothingDefaults } from './presets.ts'

export interface PolicyPart {
  /** `output.leak`. */
  readonly name: string
  readonly doc: string
  readonly expected: string
  /** Of the preset `default`, as it is written; of a part that is off, what it is where it is on. */
  readonly default: string
}

/** @internal */
export function policyParts(): readonly PolicyPart[] {
  return Object.entries(policyFields).flatMap(([name, { doc, field, within = {} }]) => [
    { name, doc, expected: field.expected, default: shownDefault(name) },
    ...Object.entries(within).map(([inner, row]) => ({
      name: `${name}.${inner}`,
      doc: row.doc,
      expected: row.field.expected,
      default: written(insideDefaults[name]?.[inner]),
    })),
  ])
}

const insideDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  output: { ...defaultPolicy.output },
  smoothing: { ...smoothingDefaults },
  budget: { ...budgetDefaults },
  audit: auditDefaults,
}

function shownDefault(name: string): string {
  if (name === 'checks')
    return Object.entries(defaultPolicy.checks)
      .map(([check, { action }]) => `${check} ${action}`)
      .join(', ')
  const value: unknown = defaultPolicy[name as keyof typeof defaultPolicy]
  return typeof value === 'object' ? '' : written(value)
}

const written = (value: unknown): string => (value === undefined ? '' : String(value))
