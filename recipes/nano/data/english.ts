// Small rules of English spelling: articles, plurals, lists, sentences, and filling templates.
// Knows nothing about where words come from.

const AN_DESPITE_CONSONANT = /^(hour|honest|honor|heir)/
const A_DESPITE_VOWEL = /^(uni([^nm]|$)|unify|use|usu|util|ura|euro|ewe|eul|one\b|once\b|ubiq|u-)/

export function articleFor(word: string): 'a' | 'an' {
  const lower = word.toLowerCase()
  if (AN_DESPITE_CONSONANT.test(lower)) return 'an'
  if (A_DESPITE_VOWEL.test(lower)) return 'a'
  return /^[aeiou]/.test(lower) ? 'an' : 'a'
}

export function withArticle(word: string): string {
  return `${articleFor(word)} ${word}`
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const IRREGULAR_PLURALS: Readonly<Record<string, string>> = {
  child: 'children',
  fish: 'fish',
  foot: 'feet',
  goose: 'geese',
  man: 'men',
  mouse: 'mice',
  person: 'people',
  salmon: 'salmon',
  deer: 'deer',
  sheep: 'sheep',
  trout: 'trout',
  tuna: 'tuna',
  thief: 'thieves',
  tooth: 'teeth',
  wife: 'wives',
  knife: 'knives',
  wolf: 'wolves',
  shelf: 'shelves',
  scarf: 'scarves',
  woman: 'women',
  fisherman: 'fishermen',
  piano: 'pianos',
  photo: 'photos',
  radio: 'radios',
  leaf: 'leaves',
  loaf: 'loaves',
  half: 'halves',
  life: 'lives',
}

export function plural(word: string): string {
  const irregular = IRREGULAR_PLURALS[word]
  if (irregular !== undefined) return irregular
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`
  if (/[^aeiou]o$/.test(word)) return `${word}es`
  return `${word}s`
}

/** `['a', 'b', 'c']` reads `a, b and c`. */
export function joinList(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} ${word} ${items[items.length - 1]}`
}

/** Capital at the front, one full stop at the end, single spaces. */
export function sentence(text: string): string {
  const body = capitalize(text.trim().replace(/\s+/g, ' '))
  return /[.!?]["”]?$/.test(body) ? body : `${body}.`
}

/** Replaces `{name}` by its value; `{Name}` gives it a capital. An unknown name is an error. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value !== undefined) return value
    const lower = values[name.charAt(0).toLowerCase() + name.slice(1)]
    if (lower === undefined) throw new Error(`template "${template}" wants {${name}}, which has no value`)
    return capitalize(lower)
  })
}

const NUMBER_WORDS: readonly string[] =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  )

/** 0 to 20 in words; undefined above. */
export function numberWord(value: number): string | undefined {
  return NUMBER_WORDS[value]
}
