/**
 * The 256 values of the dynamic 8-bit type (Dettmers et al. 2022, arXiv:2110.02861, as in bitsandbytes): seven decades, larger ones
 * with a finer resolution.
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

/** Half-way between neighbours: a value's code is the number of boundaries below it. */
export function boundariesOf(map: Float32Array): Float32Array {
  return Float32Array.from({ length: map.length - 1 }, (_, i) => (map[i]! + map[i + 1]!) / 2)
}

/** A right shift by this many bits leaves the sign, exponent and eight fraction bits of a float32. */
export const lookupShift = 15
const lookupSize = 2 ** (32 - lookupShift)
/** Added to a shifted float32, read as an int32, to have its place in the tables. */
export const lookupOffset: number = lookupSize / 2

export interface CodeLookup {
  readonly codes: Uint8Array
  readonly thresholds: Float32Array
}

/**
 * Table lookup of a value's code: `codes` at its index, plus one above the threshold there. Floats of one index are within 0.4 % of
 * each other and boundaries are not, so each index has at most one.
 */
export function codeLookup(boundaries: Float32Array): CodeLookup {
  const codes = new Uint8Array(lookupSize)
  const thresholds = new Float32Array(lookupSize)
  const float = new DataView(new ArrayBuffer(4))
  for (let place = 0; place < lookupSize; place += 1) {
    const shifted = place - lookupOffset
    // For negative numbers, all lower bits set gives the minimum.
    float.setInt32(0, (shifted << lookupShift) | (shifted < 0 ? 2 ** lookupShift - 1 : 0))
    const code = countBelow(boundaries, float.getFloat32(0))
    codes[place] = code
    thresholds[place] = boundaries[code] ?? Number.POSITIVE_INFINITY
  }
  return { codes, thresholds }
}

/** Number of ascending `boundaries` below `value`. */
export function countBelow(boundaries: Float32Array, value: number): number {
  let [low, high] = [0, boundaries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (boundaries[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
