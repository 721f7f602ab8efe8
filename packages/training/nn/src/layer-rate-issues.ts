/** Validates layer-wise learning rates; each issue is a sentence that includes the value. */

import type { LayerRates } from './layer-rates.ts'

/**
 * Empty when the rates are sound; unknown keys are the caller's to find.
 *
 * @internal
 */
export function layerRateIssues(rates: LayerRates, peak: number, layerCount: number): string[] {
  const { bottom, top, shape, decay } = rates
  const issues: string[] = []
  const check = (name: string, value: unknown, sound: boolean, want: string): void => {
    if (value !== undefined && !sound) issues.push(`${name} is ${shown(value)}; it must be ${want}`)
  }
  const isList = Array.isArray(shape)
  check('bottom', bottom, isRate(bottom), 'a rate above 0')
  check('top', top, top === peak, `the schedule's peak, ${peak}: change one of them, or remove this`)
  check(
    'shape',
    shape,
    isList || shape === 'linear' || shape === 'geometric',
    '"linear", "geometric" or a list of rates, one for each layer',
  )
  if (isList) {
    if (shape.length !== layerCount)
      issues.push(
        `shape has ${shape.length} rates; the model has ${layerCount} layers and needs one rate for each`,
      )
    shape.forEach((rate, layer) => {
      check(`shape[${layer}]`, rate ?? null, isRate(rate), 'a rate above 0')
    })
  }
  check('decay', decay, typeof decay === 'number' && decay > 0 && decay <= 1, 'above 0 and at most 1')
  if (decay === undefined) return issues
  if (bottom !== undefined) issues.push('decay and bottom both set the lowest rate; remove one')
  if (shape !== undefined && shape !== 'geometric')
    issues.push(`decay implies geometric rates, but shape is ${shown(shape)}; remove one`)
  return issues
}

const isRate = (value: unknown): boolean => typeof value === 'number' && value > 0 && Number.isFinite(value)

const shown = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
