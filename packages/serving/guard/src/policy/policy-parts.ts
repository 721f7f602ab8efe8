/** Policy fields as a flat list for the reference: accepted values, default and purpose. */

import { policyFields } from './policy-fields.ts'
import { auditDefaults, budgetDefaults, defaultPolicy, smoothingDefaults } from './presets.ts'

export interface PolicyPart {
  /** `output.leak`. */
  readonly name: string
  readonly doc: string
  readonly expected: string
  /** From the preset `default`, in config syntax; for a disabled part, its default when enabled. */
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
