/** Tells what a machine drew at random from what a person wrote. */

/** Below that (bits for each character, Shannon) a text repeats itself too much to be drawn at random. */
const minEntropy = 3

/** Random text goes from small letters to capitals to digits and back all the time; words and names hardly do. */
export function looksRandom(text: string): boolean {
  return changesOf(text) >= text.length / 8 && entropyOf(text) >= minEntropy
}

/** In bits for each character. */
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

/** What stands in documents and templates where a secret would be: `YOUR_API_KEY`, `****`, `${PASSWORD}`. */
export const isPlaceholder = (text: string): boolean => filler.test(text) || fillerWithin.test(text)
