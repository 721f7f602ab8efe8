/**
 * Homoglyphs and what they are read as: selected from text generators and the ASCII letters of Unicode's confusables (UTS #39); NFKC
 * mappings take precedence.
 */

import { traditionalToSimplified } from './traditional.ts'

/** Handling of a character. All of ASCII is `plain`, except control characters. */
export const plain = 0
/** Invisible or control character: dropped. */
export const dropped = 1
/** Always replaced according to `folds`. */
export const folded = 2
/** Replaced only if the text shows other signs of disguise, because the character has ordinary uses. */
export const softlyFolded = 3
/** Combining mark of the preceding character. */
export const mark = 4
/** A letter of another alphabet that resembles a Latin one. */
export const lookAlike = 5
/** The same, but only convincing among Latin letters. */
export const looseLookAlike = 6
/** Another letter of an alphabet with homoglyphs. */
export const foreign = 7
/** A Latin letter with a diacritic. */
export const accented = 8
/** Half of a surrogate pair. */
export const high = 9
export const low = 10
/** Joiners and selectors, used by emoji and some scripts. */
export const joiner = 11
/** A traditional Chinese character with a simplified form. */
export const traditional = 12

const alphabets = {
  // Convincing anywhere: Cyrillic, Greek, Armenian.
  alike: `aаα cсϲ dԁ eеє hһհ iіι jјϳ kκ lӏ nոռ oоοօ pрρ qԛզ rг sѕ uυս vνѵ wԝω xхχ yуγү zζ
    AАΑ BВΒ CСϹ EЕΕ HНΗ IІΙӀ JЈ KКΚ MМΜ NΝ OОΟՕ PРΡ SЅՏ TТΤ UՍ XХΧ YҮΥ ZΖ YУ`,
  // Convincing among Latin letters only.
  loose: `bвьβЬ eεэ fғ gց hн iї kк mм nпηийИ oσ rя tтτ uцμ wшщ xж yч aд
    RЯГ UЦ WШ NИ EЭΣ AДΛ`,
  // No ordinary use next to Latin letters: small capitals, turned letters, Lisu, Cherokee, syllabics, currencies.
  always: `aɑᴀɐ bʙƄ cᴄɔ dᴅɗ eᴇǝɘɛ fꜰɟ gɡɢƃ hʜɥ iıɪɩᴉ jᴊ kᴋʞ lʟǀ mᴍɯ nɴ oᴏ pᴘ qꞯ rʀɹ sꜱ tᴛʇ uᴜ vᴠʌ wᴡʍ yʏʎ zᴢ
    AꓮꭺᎪᗅᗩ Bꓐᏼᗷ CꓚᏟᑕ DꓓᎠᗪ EꓰᎬᗴ FꓝᖴᎰ GꓖᏀ HꓧᎻᕼ IꓲᏆ JꓙᎫᒍ KꓗᏦ LꓡᏞᒪ MꓟᎷᗰ NꓠᑎᏁ OꓳᎾ PꓑᏢᑭ QᏅ RꓣᏒᖇ SꓢᏚᔕ TꓔᎢ
    UꓴᑌᏌ VꓦᏙᐯ WꓪᎳᗯ Xꓫ᙭ YꓬᎩ ZꓜᏃ A₳ B฿ C₵ D₫ G₲ K₭ L₤ M₥ N₦ P₱ T₮ W₩`,
}

/** By UTF-16 unit. */
export const kinds: Uint8Array = new Uint8Array(0x10000)
/** Replacement by code point; includes Latin letters without diacritics. */
export const folds: Map<number, string> = new Map()

const set = (kind: number, ranges: readonly (readonly [number, number])[]): void => {
  for (const [first, last] of ranges) kinds.fill(kind, first, last + 1)
}

set(foreign, [
  [0x370, 0x3ff],
  [0x400, 0x481],
  [0x48a, 0x52f],
  [0x531, 0x587],
])
set(mark, [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x20d0, 0x20ff],
  [0xfe20, 0xfe2f],
])
set(dropped, [
  [0, 8],
  [0xb, 0xc],
  [0xe, 0x1f],
  [0x7f, 0x84],
  [0x86, 0x9f],
  [0xad, 0xad],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200b],
  [0x2060, 0x206f],
  [0x202a, 0x202e],
  [0x3164, 0x3164],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
])
set(joiner, [
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x200c, 0x200f],
  [0xfe00, 0xfe0f],
])
set(high, [[0xd800, 0xdbff]])
set(low, [[0xdc00, 0xdfff]])

/** Blocks that NFKC maps to the letters, digits and signs they imitate. */
const compatible: readonly (readonly [number, number])[] = [
  [0x2b0, 0x2e4],
  [0x1d2c, 0x1d6a],
  [0x1d78, 0x1dbf],
  [0x2070, 0x209c],
  [0x2100, 0x214f],
  [0x2460, 0x24ff],
  [0x2c7c, 0x2c7d],
  [0x2f00, 0x2fd5],
  [0xf900, 0xfad9],
  [0xfb00, 0xfb06],
  [0xfb50, 0xfdf9],
  [0xfe70, 0xfefc],
  [0xff01, 0xff5e],
  [0x1d400, 0x1d7ff],
  [0x1f100, 0x1f16b],
  [0x2f800, 0x2fa1d],
]
/** Signs used by chat markup, code and encodings; the others are ordinary Chinese punctuation. */
const tellingSigns = /^[<>|&#%\\_=@$[\]{}]$/

for (const [first, last] of compatible) {
  for (let code = first; code <= last; code += 1) {
    const written = String.fromCodePoint(code)
    const said = written.normalize('NFKC')
    if (said === written || said.length > 4) continue
    const inBrackets = /^\(([A-Za-z])\)$/.exec(said)?.[1]
    const isTelling = /^(?:[A-Za-z]+|\p{Lo}+|\p{Nl})$/u.test(said) || tellingSigns.test(said)
    const isDigit = /^\d$/.test(said) && (code >= 0xff10 || code >= 0x1d7ce)
    fold(code, inBrackets ?? said, inBrackets !== undefined || isTelling || isDigit ? folded : softlyFolded)
  }
}
// Trademarks and ordinals are legitimate.
for (const code of [0x2116, 0x2120, 0x2121, 0x2122, 0x213b]) kinds[code] = softlyFolded
for (let letter = 0; letter < 26; letter += 1) {
  for (const first of [0x1f150, 0x1f170]) folds.set(first + letter, String.fromCharCode(65 + letter))
}
for (const [kind, rows] of [
  [lookAlike, alphabets.alike],
  [looseLookAlike, alphabets.loose],
  [folded, alphabets.always],
] as const) {
  for (const row of rows.trim().split(/\s+/)) {
    const [letter, ...others] = row
    for (const other of others) fold(other.codePointAt(0)!, letter!, kind)
  }
}
for (const space of '\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000') {
  fold(space.codePointAt(0)!, ' ', softlyFolded)
}
// Latin letters with diacritics, including strokes, which have no decomposition.
for (const [first, last] of [
  [0xc0, 0x24f],
  [0x1e00, 0x1eff],
] as const) {
  for (let code = first; code <= last; code += 1) {
    const base = String.fromCharCode(code).normalize('NFKD')[0]!
    if (/[A-Za-z]/.test(base) && kinds[code] === plain) fold(code, base, accented)
  }
}
for (const row of 'AȺ BɃ CȻ DĐ EɆ GǤ HĦ IƗ JɈ LŁ OØ RɌ TŦȾ ZƵ bƀ cȼ dđ eɇ gǥ hħ iɨ jɉ lł oø rɍ tŧ zƶ'.split(
  ' ',
)) {
  for (const other of row.slice(1)) fold(other.codePointAt(0)!, row[0]!, accented)
}

for (let at = 0; at < traditionalToSimplified.length; at += 2) {
  fold(traditionalToSimplified.charCodeAt(at), traditionalToSimplified[at + 1]!, traditional)
}

function fold(code: number, said: string, kind: number): void {
  folds.set(code, said)
  if (code < 0x10000) kinds[code] = kind
}
