/** Validation by ajv, except multiples, which are decimal here while ajv divides doubles. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

export const ajv: Ajv2020 = new Ajv2020({ strict: false, validateSchema: false, logger: false })
addFormats.default(ajv)

ajv.removeKeyword('multipleOf')
ajv.addKeyword({
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  error: { message: ({ schema }) => `must be multiple of ${schema}` },
  validate: (divisor: number, value: number): boolean => {
    const [a, b] = [decimal(value), decimal(divisor)]
    const least = Math.min(a.exponent, b.exponent)
    const units = (of: Decimal): bigint => of.digits * 10n ** BigInt(of.exponent - least)
    return units(a) % units(b) === 0n
  },
})

interface Decimal {
  readonly digits: bigint
  /** Power of ten. */
  readonly exponent: number
}

function decimal(value: number): Decimal {
  const [digits, exponent] = Math.abs(value).toExponential().split('e') as [string, string]
  const [whole, fraction = ''] = digits.split('.') as [string, string?]
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}
