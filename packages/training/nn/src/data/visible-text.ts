/** Escapes text of data and models for a terminal, so that it cannot move the cursor. */

const named: Readonly<Record<string, string>> = { '\n': '↵\n', '\r': '\\r', '\t': '\\t' }

/**
 * Control and formatting characters (which could turn text around) and line separators are spelt; line breaks are shown and made.
 *
 * @internal
 */
export const visibleText = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (found) => named[found] ?? `\\u{${found.codePointAt(0)!.toString(16)}}`,
  )
