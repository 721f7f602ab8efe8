/** The kinds of secrets and the check for them. */

import type { Check } from '../../check.ts'
import type { Detector } from '../detector.ts'
import { detectorsCheck } from '../detectors-check.ts'
import { guardKindUnknown } from '../errors.ts'
import { assignmentDetector } from './assignment-detector.ts'
import { passwordUrlDetector } from './password-url-detector.ts'
import { privateKeyDetector } from './private-key-detector.ts'
import { tokenDetector } from './token-detector.ts'
import { webTokenDetector } from './web-token-detector.ts'

/** `token`: keys with a known prefix. `url`: a password in a URL. `assignment`: a random-looking value after `api_key =` and the like. */
export type SecretKind = 'private_key' | 'token' | 'jwt' | 'url' | 'assignment'

/** Most certain first. */
const detectors: Readonly<Record<SecretKind, Detector>> = {
  private_key: privateKeyDetector,
  token: tokenDetector,
  jwt: webTokenDetector,
  url: passwordUrlDetector,
  assignment: assignmentDetector,
}

/**
 * The supported kinds of secrets.
 *
 * @example
 * ```ts
 * import { secretKinds } from '@hadal/guard'
 *
 * secretKinds // → [ 'private_key', 'token', 'jwt', 'url', 'assignment' ]
 * ```
 */
export const secretKinds: readonly SecretKind[] = Object.keys(detectors) as SecretKind[]

/** @throws `guard_kind_unknown` */
export function secretDetectors(kinds: true | readonly SecretKind[] = true): readonly Detector[] {
  return (kinds === true ? secretKinds : kinds).map((kind) => {
    if (!Object.hasOwn(detectors, kind)) throw guardKindUnknown('the check for secrets', kind, secretKinds)
    return detectors[kind]
  })
}

/**
 * Detects keys, tokens and passwords by format and randomness.
 *
 * @throws `guard_kind_unknown`
 *
 * @example
 * ```ts
 * import { createGuard, secretsCheck } from '@hadal/guard'
 *
 * const guard = createGuard({
 *   policy: 'off',
 *   checks: [{ name: 'keys', layer: 'rules', check: secretsCheck(), action: 'redact' }],
 * })
 * const { findings } = await guard.screen('-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----')
 * findings.map(({ rule }) => rule) // → [ 'secret.private_key' ]
 * ```
 */
export function secretsCheck({ kinds }: { readonly kinds?: readonly SecretKind[] | undefined } = {}): Check {
  return detectorsCheck(secretDetectors(kinds ?? true).map(({ find }) => find))
}
