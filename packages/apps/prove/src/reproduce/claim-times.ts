/** How long a claim is expected to take, and when that is far too long. */

import type { Claim, ClaimMode } from '../claim.ts'

export const expectedMillis = (
  { quickSeconds, fullMinutes }: Pick<Claim, 'quickSeconds' | 'fullMinutes'>,
  mode: ClaimMode,
): number => (mode === 'quick' ? quickSeconds * 1000 : fullMinutes * 60_000)

/** On a machine that is slow, and busy besides. */
const timesExpected = 8
const startMillis = 60_000

export const limitMillis = (claim: Pick<Claim, 'quickSeconds' | 'fullMinutes'>, mode: ClaimMode): number =>
  startMillis + timesExpected * expectedMillis(claim, mode)
