/** A bigram model of English letters, to distinguish words from their rot13, reversed and random forms. */

/**
 * Minus four times the binary log probability of each letter after each, as characters from `(`. The first row and column are non-letters,
 * the others a to z. Counted over this project's English documents with add-one smoothing.
 */
const counted =
  'Z4;:=>:@=7KC<:<6=H:83DG7WPU4ZD;9ZC=S;Z=9:3Z@Z772@BJL;Z;5WMS.@OW9@W<WO6KW?A=8SWW3W' +
  '?5ZEZ4ZZ/=Z8;ZU1@ZB>9=ZZUDZ,;OYA1ZFZ9WRGGT8KWB7N@PYWAZ.:N=8@?IQAZN;?7P>B34>R@F@BX' +
  '.6ZZZ<?ZZ3ZW@ZZ2?Z8P:<ZWZPZ08NUK0N>66YNDHD:FY8;B:YYYYQ31TWZ-RZZ8ZZYPT7VZAF:DUZZNZ' +
  'FFA;=<D<ZZZJ9;0;@V=40Z<ZGZAH8HHH0HHH8HHHHH6>HH.H9HHHHH2EVRV,VRV8VRGL=L8VR6OEINVVV' +
  '45OY82AYY5ZS5IU4KZM8:=KKZ?U43:Z90SZZ8SZLAJ37ZZ<W?ZKUWZ0=V=35E5V>VABP@6IZZ77AHRFAZ' +
  '6BD?:@5CUAS?<93@>Z2<99C:OZR25QVI4ZVC;ZT8KK6<Z4769QZZAZ6NNNHNNNNNNN9NNNNNHNN)N<NNN' +
  '06OA@0RBZ:ZGHBA6PSB7:<=IW<Z+;ZBT5TTA=ZCJJP<EMZ<4AVDZIZ09TEW5TU/:ZZJRY8AZ=6>?ZDYFZ' +
  'B:C=@5A>ZBZZ581K=Z743ZZZKVZ=3UHQ*UJU5UUDUQ@UUUULQUUMUU75ZVZ4ZZ/1ZTQZ::ZZ;:PZZZZZZ' +
  '1>CBK<HOG:OOFHHO1F<K.OOOF?O+KEKO8WWWMWWKKI><WS37WWIWWW@2III*IIIAIICIICIIIEIIIIIII'

/** Rows have 32 entries, so that a letter's index is the low five bits of its code. */
const row = 32

/** Quarter bits by `before * 32 + letter`, where 0 is a non-letter and 1 to 26 are a to z. */
export type PairTable = Int8Array

const unlikelihood: PairTable = pairTable((before, letter) => counted.charCodeAt(before * 27 + letter) - 40)

/** Log likelihood relative to uniform letters. */
const likenessOfPairs: PairTable = pairTable(
  (before, letter) => Math.round(4 * Math.log2(27)) - unlikelihood[before * row + letter]!,
)

/** Gain in likelihood of a pair by rot13. */
export const gainByRot13: PairTable = pairTable(
  (before, letter) =>
    unlikelihood[before * row + letter]! - unlikelihood[rotated(before) * row + rotated(letter)]!,
)

/** Gain in likelihood of a pair by reversal. */
export const gainByReversing: PairTable = pairTable(
  (before, letter) => unlikelihood[before * row + letter]! - unlikelihood[letter * row + before]!,
)

/** 1 to 26 for ASCII letters, otherwise 0. */
export function letterOf(code: number): number {
  const lower = code | 32
  return lower >= 97 && lower <= 122 ? lower - 96 : 0
}

/**
 * Mean log-likelihood ratio against noise, in bits per letter pair: above 1 for English, below -1 for noise. Consecutive non-letters count
 * once. 0 without letters.
 */
export function likeness(text: string): number {
  let [sum, pairs, before] = [0, 0, 0]
  for (let at = 0; at <= text.length; at += 1) {
    const letter = at < text.length ? letterOf(text.charCodeAt(at)) : 0
    if (letter === 0 && before === 0) continue
    sum += likenessOfPairs[before * row + letter]!
    pairs += 1
    before = letter
  }
  return pairs === 0 ? 0 : sum / (4 * pairs)
}

function rotated(letter: number): number {
  return letter === 0 ? 0 : ((letter + 12) % 26) + 1
}

function pairTable(quarterBits: (before: number, letter: number) => number): PairTable {
  const table = new Int8Array(27 * row)
  for (let before = 0; before < 27; before += 1) {
    for (let letter = 0; letter < 27; letter += 1) table[before * row + letter] = quarterBits(before, letter)
  }
  return table
}
