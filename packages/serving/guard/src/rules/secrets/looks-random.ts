/** Distinguishes random strings from natural text. */

/** Minimum Shannon entropy in bits per character of a random string. */
const minEntropy = 3

/** Random strings alternate between lowercase, uppercase and digits; words and names rarely do. */
export function looksRandom(text: string): boolean {
  return changesOf(text) >= text.length / 8 && entropyOf(text) >= minEntropy
}

/** In bits per character. */
function entropyOf(text: string): number {
  const counts = new Map<number, number>()
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

function changesOf(text: string): number {
  let [changes, before] = [0, 0]
  for (let at = 0; at < text.length; at++) {
    const kind = kindOf(text.charCodeAt(at))
    if (kind === 0) continue
    if (before !== 0 && kind !== before) changes += 1
    before = kind
  }
  return changes
}

const kindOf = (code: number): number =>
  code >= 48 && code <= 57 ? 1 : code >= 65 && code <= 90 ? 2 : code >= 97 && code <= 122 ? 3 : 0

const filler =
  /^(?:[x*.#-]+|pass|passwd|password|passphrase|pwd|secret|token|key|none|null|true|false|undefined|string|user)$/i
const fillerWithin =
  /your|example|placeholder|change[_-]?me|redacted|insert|xxxx|\*\*\*|^[<${[%]|^(?:process|os|env|config|settings)\./i

/** Placeholders in documentation and templates: `YOUR_API_KEY`, `****`, `${PASSWORD}`. */
export const isPlaceholder = (text: string): boolean => filler.test(text) || fillerWithin.test(text)
