/** Kubernetes' quantities: `500m`, `16Gi`, `1e3`. Knows nothing of what is measured. */

const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

const form = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/

/** In cores, bytes or pieces; undefined when it is no quantity. */
export function readQuantity(given: string | number): number | undefined {
  const found = form.exec(String(given))
  if (found === null) return undefined
  const [, digits, exponent, suffix = ''] = found
  return Number(`${digits}${exponent ?? ''}`) * suffixes[suffix]!
}
