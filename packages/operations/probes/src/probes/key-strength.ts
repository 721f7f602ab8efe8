/** Strength of a key. Explains weaknesses without revealing it. */

/** 16 characters at random of letters and digits are 95 bits. */
const fewestCharacters = 16
const fewestDifferent = 8
const commonWords =
  /^(sk-)?(change-?me|secret|password|test|example|default|admin|demo|token|api-?key|hadal|placeholder|your)/i

/** Undefined of one that is as it should be. */
export function weaknessOf(key: string): string | undefined {
  if (key.length < fewestCharacters) return `${key.length} characters can be tried out`
  if (new Set(key).size < fewestDifferent) return `it is made of ${new Set(key).size} different characters`
  if (commonWords.test(key)) return 'it begins like an example'
  if (/^(?:0123|1234|abcd|qwer)/i.test(key.replace(/^sk-/, ''))) return 'it begins like a keyboard'
  return undefined
}
