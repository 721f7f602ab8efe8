/** Keys, tokens and passwords. Which kinds there are, and the check that looks for them. */

import type { Check } from '../../check.ts'
import type { Detector } from '../detector.ts'
import { detectorsCheck } from '../detectors-check.ts'
import { guardKindUnknown } from '../errors.ts'
import { assignmentDetector } from './assignment-detector.ts'
import { passwordUrlDetector } from './password-url-detector.ts'
import { privateKeyDetector } from './private-key-detector.ts'
import { tokenDetector } from './token-detector.ts'
import { webTokenDetector } from './web-token-detector.ts'

/**
 * `token`: keys with a known beginning. `url`: a password within an address. `assignment`: whatever stands after `api_key =` and
 * looks random.
 */
export type SecretKind = 'private_key' | 'token' | 'jwt' | 'url' | 'assignment'

/** Surest first. */
const detectors: Readonly<Record<SecretKind, Detector>> = {
  private_key: privateKeyDetector,
  token: tokenDetector,
  jwt: webTokenDetector,
  url: passwordUrlDetector,
  assignment: assignmentDetector,
}

export const secretKinds: readonly SecretKind[] = Object.keys(detectors) as SecretKind[]

/** @throws `guard_kind_unknown` */
export function secretDetectors(kinds: true | readonly SecretKind[] = true): readonly Detector[] {
  return (kinds === true ? secretKinds : kinds).map((kind) => {
    if (!Object.hasOwn(detectors, kind)) throw guardKindUnknown('the check for secrets', kind, secretKinds)
    return detectors[kind]
  })
}

/** @throws `guard_kind_unknown` */
export function secretsCheck({ kinds }: { readonly kinds?: readonly SecretKind[] | undefined } = {}): Check {
  return detectorsCheck(secretDetectors(kinds ?? true).map(({ find }) => find))
}
