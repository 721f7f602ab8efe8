/** Suggests the intended quantity for an invalid one. */

import { quantityOf } from '@hadal/fleet'

/** Intended quantity for an invalid one: `16GB` means `16Gi`. */
export function meantQuantity(value: unknown): string {
  const match = /^\s*([+-]?[\d.]+)\s*([a-zA-Z]+)\s*$/.exec(String(value))
  const [, digits, unit] = match ?? []
  const known: Record<string, string> = {
    b: '',
    kb: 'k',
    mb: 'M',
    gb: 'Gi',
    tb: 'Ti',
    kib: 'Ki',
    mib: 'Mi',
    gib: 'Gi',
    tib: 'Ti',
  }
  const plain = unit?.toLowerCase() ?? ''
  const better =
    known[plain] ??
    (
      { g: 'Gi', ki: 'Ki', mi: 'Mi', gi: 'Gi', ti: 'Ti', t: 'Ti', core: '', cores: '', cpu: '' } as Record<
        string,
        string
      >
    )[plain]
  if (digits === undefined || better === undefined || quantityOf(digits + better) === undefined)
    return 'Use a number followed directly by one of m, k, M, G, T, Ki, Mi, Gi, Ti: 500m, 16Gi.'
  return `Use ${digits}${better}.`
}
