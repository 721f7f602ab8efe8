// Says whether a generated text carries traces of how it was made: template holes, dictionary
// syntax, broken spacing. Knows nothing about its meaning.

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ['template hole', /[{}]/],
  ['missing value', /\b(undefined|NaN)\b|\[object/],
  ['double space', / {2}/],
  ['space before punctuation', / [.,;:!?](\s|$)/],
  ['doubled punctuation', /[,;:][.,;:!?]|[!?][.,]|(^|[^.])\.\.($|[^.])/],
  ['dictionary quotes', /`|''/],
  ['unbalanced bracket', /^[^(]*\)|\([^)]*$/],
  ['wrong article', /\b[Aa] (apple|animal|egg|orange|old|owl|eagle|elephant|island|onion|hour)\b/],
  ['wrong article', /\b[Aa]n (dog|cat|house|university|small|large|big|person|thing)\b/],
  ['underscore', /[a-z]_[a-z]/],
  ['blank at an edge', /^\s|\s$/],
]

/** The first issue found, or undefined when the text is clean. */
export function residueIn(text: string): string | undefined {
  for (const line of text.split('\n')) {
    for (const [name, pattern] of FAULTS) if (pattern.test(line)) return name
  }
  return undefined
}
