/** Why clocks are lower than they could be: the bits of `clocks_event_reasons.active`, as nvml.h names them. */

export interface ThrottleReason {
  readonly bit: bigint
  readonly says: string
  /** `normal`: expected. `limit`: a configured limit, or full load. `slow`: it computes much slower than it could. */
  readonly weight: 'normal' | 'limit' | 'slow'
}

export const throttleReasons: readonly ThrottleReason[] = [
  { bit: 0x1n, says: 'it is idle', weight: 'normal' },
  { bit: 0x2n, says: 'application clocks are set', weight: 'limit' },
  { bit: 0x4n, says: 'it is at its power limit', weight: 'limit' },
  { bit: 0x8n, says: 'the hardware throttles it by half or more', weight: 'slow' },
  { bit: 0x10n, says: 'its sync boost group is slower', weight: 'limit' },
  { bit: 0x20n, says: 'the driver throttles it because it is too hot', weight: 'slow' },
  { bit: 0x40n, says: 'the hardware throttles it by half or more because it is too hot', weight: 'slow' },
  { bit: 0x80n, says: 'the power supply limits it', weight: 'slow' },
  { bit: 0x100n, says: 'display clock settings limit it', weight: 'limit' },
]

export interface Throttling {
  readonly reasons: readonly ThrottleReason[]
  /** Bits that nothing is known of. */
  readonly unknownBits: bigint
}

/** Parses `0x0000000000000044`; undefined if it is not a hexadecimal number. */
export function throttlingOf(text: string): Throttling | undefined {
  if (!/^0x[\da-f]{1,16}$/i.test(text)) return undefined
  const bits = BigInt(text)
  const reasons = throttleReasons.filter(({ bit }) => (bits & bit) !== 0n)
  const knownBits = throttleReasons.reduce((sum, { bit }) => sum | bit, 0n)
  return { reasons, unknownBits: bits & ~knownBits }
}
