// Turns a WordNet gloss into plain English: one short meaning and whole-sentence examples.
// Knows nothing about synsets, words or templates.

import { sentence } from './english.ts'

export interface Gloss {
  /** The first definition without brackets; undefined when it is not plain enough to use. */
  readonly meaning: string | undefined
  /** Quoted examples that are whole sentences. */
  readonly sentences: readonly string[]
}

const PLAIN = /^[a-zA-Z][a-zA-Z ,'-]*$/
const UNPLEASANT =
  /\b(sex\w*|genital\w*|penis|vagina\w*|rape\w*|slur|offensive|obscen\w*|vulgar|prostitut\w*|whore|slut|nigger|excre\w*|feces|urin\w*|suicid\w*|intercourse|copulat\w*|masturbat\w*|breasts?|homosexual\w*|lesbian|negro\w*|damn\w*|bastard|bitch|shit|fuck\w*|arse|buttocks|nazi\w*|jews?|jewish|murder\w*|kill\w*|corpse|naked|nude|semen|anus|rectum|drunk\w*|whisk\w*|dominat?ri\w*|brassiere|terroris\w*|laden|qaeda|qaida|hitler|aids|hiv|abortion|gun|guns|weapons?|slaves?|slavery|breast\w*|drug\w*|bomb\w*|torture\w*|hell|vulva|clitor\w*|cunn\w*|fellat\w*|phall\w*|erotic\w*|orgasm\w*|street names?|heroin|cocaine|marijuana|cannabis|narcotic\w*|opium|condoms?|contracept\w*|hookers?|brothels?|pimps?|porn\w*|sodom\w*|incest\w*|pedophil\w*|bugger\w*|piss\w*|crap|turd|fart\w*|dung|vomit\w*|pus|genocid\w*|lynch\w*|mistress|lover|seduc\w*|lust\w*|testic\w*|menstru\w*|disparag\w*|derogat\w*|ethnic|crotch|groin|toilet\w*|defecat\w*|kidnap\w*|assassin\w*|strangl\w*|stab\w*|behead\w*|hanged|execut\w* by)\b/i

export function isPleasant(text: string): boolean {
  return !UNPLEASANT.test(text)
}

export function readGloss(gloss: string, maxWords: number): Gloss {
  const sentences: string[] = []
  for (const [, quoted] of gloss.matchAll(/"([^"]+)"/g)) {
    const text = quoted!.trim()
    if (isWholeSentence(text) && isPleasant(text)) sentences.push(sentence(expandDashes(text)))
  }
  const definition = gloss
    .replace(/"[^"]*"?/g, '')
    .replace(/\([^()]*\)/g, ' ')
    .split(/[;:]/)[0]!
    .replace(/\s+/g, ' ')
    .replace(/ ([,.])/g, '$1')
    .replace(/^[,\s]+|[,.\s-]+$/g, '')
  const words = definition.split(' ').length
  const usable =
    PLAIN.test(definition) &&
    words >= 2 &&
    words <= maxWords &&
    isPleasant(definition) &&
    !/\b(e\.g|i\.e|etc|esp|cf|genus|family|order)\b/.test(definition) &&
    !/,,|, ,|\b(or|and|of|the|a|an|to|in|with|for|by|as)$/.test(definition) &&
    !/[a-z][A-Z]|''|--/.test(definition)
  return { meaning: usable ? definition : undefined, sentences }
}

function expandDashes(text: string): string {
  return text.replace(/\s*--\s*/g, ', ')
}

const PRONOUN = /^(he|she|they|we|I|it|you|there|who|what|where|how|when|why|please|don't|let's|let) /i
const DETERMINER =
  /^(the|his|her|their|our|my|this|that|these|those|many|most|some|all|every|each|both|no|John|Mary) /i
const INDEFINITE = /^(a|an) /i
const AUXILIARY =
  /\b(is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did|went|came|took|gave|said|found|knew|got|kept|began|brought|caught|drew|drank|drove|ate|fought|flew|forgot|grew|heard|held|led|met|paid|ran|rode|sang|sat|sent|shook|slept|spoke|stood|swam|threw|told|wore|won|wrote)\b/
/** A regular past tense followed by what follows a verb, not by what follows a participle. */
const PAST =
  /[a-z]{2,}ed (the|a|an|his|her|their|my|our|its|in|on|at|into|for|over|up|down|out|off|and|about|through|as|that|it|us|him|them|me|like|all|around|across|after|before|until|when|because|back|away|together)\b|[a-z]{2,}ed$/

/** A cautious test: begins like a subject and has a finite verb; misses many, accepts few fragments. */
export function isWholeSentence(text: string): boolean {
  const words = text.split(' ').length
  if (words < 4 || words > 18) return false
  if (!/^[a-zA-Z][a-zA-Z0-9 ,'?!.-]*$/.test(text) || /\.\.|[A-Z]{3}| ,|--.*--/.test(text)) return false
  if (PRONOUN.test(text)) return true
  const rest = text
    .split(' ')
    .slice(1)
    .join(' ')
    .replace(/[.!?]$/, '')
  if (INDEFINITE.test(text)) return AUXILIARY.test(rest) && !/\b(that|which|who)\b/.test(rest)
  return (
    DETERMINER.test(text) &&
    (AUXILIARY.test(rest) || PAST.test(rest)) &&
    !/^\S+ (reason|fact|idea) that/.test(rest)
  )
}
