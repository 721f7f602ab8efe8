/**
 * The 256 values of the dynamic 8-bit type (Dettmers et al. 2022, arXiv:2110.02861, as in bitsandbytes): seven decades, the
 * larger the more finely divided. Knows nothing about tensors.
 */

const decades = 7

/** Ascending, from 0 (from nearly -1 when `signed`) to 1. */
export function dynamicMap(signed: boolean): Float32Array {
  const values = [0, 1]
  for (let decade = 0; decade < decades; decade += 1) {
    const power = 1 / 10 ** (decades - 1 - decade)
    const parts = 2 ** (signed ? decade : decade + 1)
    for (let part = 0; part < parts; part += 1) {
      const middle = power * (0.1 + (0.9 * (part + 0.5)) / parts)
      values.push(middle)
      if (signed) values.push(-middle)
    }
  }
  return Float32Array.from(values).sort()
}

/** Half-way between neighbours: a value belongs to the code whose number is the count of boundaries below it. */
export function boundariesOf(map: Float32Array): Float32Array {
  return Float32Array.from({ length: map.length - 1 }, (_, i) => (map[i]! + map[i + 1]!) / 2)
}
