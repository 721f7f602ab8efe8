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
  /\b(sex\w*|genital\w*|penis|vagina\w*|rape\w*|slur|offensive|obscen\w*|vulgar|prostitut\w*|whore|slut|nigger|excre\w*|feces|urin\w*|suicid\w*|intercourse|copulat\w*|masturbat\w*|breasts?|homosexual\w*|lesbian|negro\w*|damn\w*|bastard|bitch|shit|fuck\w*|arse|buttocks|nazi\w*|jews?|jewish|murder\w*|kill\w*|corpse|naked|nude|semen|anus|rectum|drunk\w*|whisk\w*|dominat?ri\w*|brassiere|terroris\w*|laden|qaeda|qaida|hitler|aids|hiv|abortion|gun|guns|weapons?|slaves?|slavery|breast\w*|drug\w*|bomb\w*|torture\w*|hell)\b/i

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

const SUBJECT =
  /^(he|she|they|we|I|it|you|there|the|a|an|his|her|their|our|my|this|that|these|those|many|most|some|all|John|Mary|what|who|where|how|please|don't|let's|let) /i
const PRONOUN = /^(he|she|they|we|I|it|you|there) /i
const FINITE =
  /\b(is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did|\w{2,}ed(?= (the|a|an|his|her|their|my|our|its|to|in|on|by|with|at|into|from|for|over|up|down|out|off|and|about|through|as|that|it|us|him|them|me|like|all|every|many|one|two|around|across|after|before|until|when|because|back|away|together)\b|\.?$)|went|came|made|took|gave|said|saw|found|knew|got|left|felt|kept|began|broke|brought|built|bought|caught|chose|cut|drew|drank|drove|ate|fell|fought|flew|forgot|grew|heard|held|hit|hurt|led|lost|met|paid|put|ran|read|rode|rose|sang|sat|sent|set|shook|shot|slept|sold|spent|spoke|stood|swam|taught|threw|told|thought|wore|won|wrote|needs|makes|takes|gives|goes|comes|seems|lives|looks|works|wants|likes|contains|lasts|means|requires|plays|runs|shows|stands)\b/

/** A cautious test: begins like a subject and has a finite verb; misses many, accepts few fragments. */
export function isWholeSentence(text: string): boolean {
  const words = text.split(' ').length
  if (words < 4 || words > 18) return false
  if (!/^[a-zA-Z][a-zA-Z0-9 ,'?!.-]*$/.test(text) || /\.\.|[A-Z]{3}| ,|--.*--/.test(text)) return false
  if (!SUBJECT.test(text)) return false
  if (/^(please|don't|let's|let) /i.test(text)) return true
  if (PRONOUN.test(text)) return true
  return FINITE.test(text.split(' ').slice(1).join(' '))
}
