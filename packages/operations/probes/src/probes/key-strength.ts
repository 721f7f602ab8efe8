/** Strength of a key. Explains weaknesses without revealing it. */

/** 16 characters at random of letters and digits are 95 bits. */
const fewestCharacters = 16
const fewestDifferent = 8
const commonWords =
  /^(sk-)?(change-?me|secret|password|test|example|default|admin|demo|token|api-?key|hadal|placeholder|your)/i

/** Undefined of one that is as it should be. */
export function weaknessOf(key: string): string | undefined {
  if (key.length < fewestCharacters) return `${key.length} characters are too short and can be brute-forced`
  if (new Set(key).size < fewestDifferent) return `it has only ${new Set(key).size} different characters`
  if (commonWords.test(key)) return 'it starts like an example key'
  if (/^(?:0123|1234|abcd|qwer)/i.test(key.replace(/^sk-/, ''))) return 'it starts with a keyboard sequence'
  return undefined
}
