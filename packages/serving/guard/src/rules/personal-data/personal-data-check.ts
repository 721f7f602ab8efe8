/** The kinds of personal data and the check for them. */

import type { Check } from '../../check.ts'
import type { Detector } from '../detector.ts'
import { detectorsCheck } from '../detectors-check.ts'
import { guardKindUnknown } from '../errors.ts'
import { bankAccountDetector } from './bank-account-detector.ts'
import { cardDetector } from './card-detector.ts'
import { chineseIdDetector } from './chinese-id-detector.ts'
import { emailDetector } from './email-detector.ts'
import { ipAddressDetectors } from './ip-address-detector.ts'
import { passportDetector } from './passport-detector.ts'
import { phoneDetectors } from './phone-detector.ts'
import { socialSecurityDetector } from './social-security-detector.ts'

export type PersonalDataKind = 'cn_id' | 'us_ssn' | 'card' | 'iban' | 'passport' | 'phone' | 'email' | 'ip'

/** Most severe first. */
const detectors: Readonly<Record<PersonalDataKind, readonly Detector[]>> = {
  cn_id: [chineseIdDetector],
  us_ssn: [socialSecurityDetector],
  card: [cardDetector],
  iban: [bankAccountDetector],
  passport: [passportDetector],
  phone: phoneDetectors,
  email: [emailDetector],
  ip: ipAddressDetectors,
}

/**
 * The supported kinds of personal data.
 *
 * @example
 * ```ts
 * import { personalDataKinds } from '@hadal/guard'
 *
 * personalDataKinds // → [ 'cn_id', 'us_ssn', 'card', 'iban', 'passport', 'phone', 'email', 'ip' ]
 * ```
 */
export const personalDataKinds: readonly PersonalDataKind[] = Object.keys(detectors) as PersonalDataKind[]
/** Passports are recognized by context only, so they are opt-in. */
const usualKinds = personalDataKinds.filter((kind) => kind !== 'passport')

/** `true`: all but passports. Throws `guard_kind_unknown`. */
export function personalDataDetectors(kinds: true | readonly PersonalDataKind[] = true): readonly Detector[] {
  return (kinds === true ? usualKinds : kinds).flatMap((kind): readonly Detector[] => {
    if (!Object.hasOwn(detectors, kind))
      throw guardKindUnknown('the check for personal data', kind, personalDataKinds)
    return detectors[kind]
  })
}

/**
 * Detects personal data by format and check digits.
 *
 * @throws `guard_kind_unknown`
 *
 * @example
 * ```ts
 * import { createGuard, personalDataCheck } from '@hadal/guard'
 *
 * const check = personalDataCheck({ kinds: ['email', 'iban'] })
 * const guard = createGuard({ policy: 'off', checks: [{ name: 'personal', layer: 'rules', check, action: 'redact' }] })
 * const { text } = await guard.screen('Write to ada@example.org')
 * text // → 'Write to [email]'
 * ```
 */
export function personalDataCheck({
  kinds,
}: {
  readonly kinds?: readonly PersonalDataKind[] | undefined
} = {}): Check {
  return detectorsCheck(personalDataDetectors(kinds ?? true).map(({ find }) => find))
}
