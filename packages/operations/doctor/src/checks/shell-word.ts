/**
 * A word of a command that is shown to be copied: whatever a capture holds, it stays one word.
 *
 * @internal
 */
export const shellWord = (text: string): string => {
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '')
  return /^[\w@%+=:,./-]+$/.test(plain) && !plain.startsWith('-')
    ? plain
    : `'${plain.replaceAll("'", "'\\''")}'`
}
