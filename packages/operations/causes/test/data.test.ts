import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { CauseData } from '../src/cause-data.ts'
import { causes } from '../src/causes.ts'
import { entriesOf } from '../src/create-causes.ts'
import { causeFiles, sharedData } from '../src/data.ts'
import { formats } from '../src/formats.ts'
import { readers } from '../src/readers.ts'
import { placeholdersOf } from '../src/render-text.ts'

const folder = new URL('../src/data/', import.meta.url)
const read = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'))
const files = readdirSync(folder)
const entries = entriesOf(causeFiles)
const textsOf = ({ says, fix }: CauseData): string[] => [says, fix.text, fix.command ?? '']

/** The names that patterns and readers of an entry can find. */
function figuresOf({ shows }: CauseData): readonly string[] {
  if ('reader' in shows) return readers[shows.reader]?.figures ?? []
  const patterns = shows.map((each) => (typeof each === 'string' ? each : each.pattern))
  return patterns.flatMap((each) => [...each.matchAll(/\(\?<(\w+)>/g)].map(([, name]) => name!))
}

describe('files', () => {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false })

  test.each(files)('%s fits its schema', (file) => {
    const url = new URL(file, folder)
    const data = read(url) as { readonly $schema: string }
    const validate = ajv.compile(read(new URL(data.$schema, url)) as object)
    validate(data)
    expect(validate.errors ?? []).toEqual([])
  })

  test('are all in the catalogue', () => {
    expect(causeFiles.length).toBe(files.length - 2)
    expect(new Set(causeFiles).size).toBe(causeFiles.length)
  })
})

describe('entries', () => {
  test('of tables are whole', () => {
    const [{ $defs }] = [read(new URL('../schema/causes.schema.json', import.meta.url)) as { $defs: object }]
    const validate = new Ajv2020({ allowUnionTypes: true, strict: false }).compile({
      $ref: '#/$defs/cause',
      $defs,
    })
    for (const { table } of causeFiles)
      for (const entry of table === undefined ? [] : entriesOf([{ table }])) {
        const known = [
          'id',
          'family',
          'title',
          'severity',
          'weight',
          'shows',
          'explains',
          'says',
          'fix',
          'source',
        ]
        validate(Object.fromEntries(Object.entries(entry).filter(([name]) => known.includes(name))))
        expect(validate.errors ?? [], entry.id).toEqual([])
        expect(JSON.stringify([entry.title, entry.shows, textsOf(entry)]), entry.id).not.toMatch(
          /%\w|undefined/,
        )
      }
  })

  test('have an id, a source and consequences that are known', () => {
    const ids = entries.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, explains = [], source } of entries) {
      if (typeof source === 'string') expect(sharedData.sources, id).toHaveProperty(source)
      for (const name of explains)
        if (name.startsWith('@')) expect(sharedData.consequences, id).toHaveProperty(name.slice(1))
        else expect(ids, id).toContain(name)
    }
  })

  test('use every list and every source', () => {
    const named = new Set(
      [
        ...entries,
        ...Object.values(sharedData.consequences).map(({ causes: explains }) => ({ explains })),
      ].flatMap(({ explains = [] }) => explains),
    )
    for (const list of Object.keys(sharedData.consequences)) expect(named).toContain(`@${list}`)
    const cited = new Set(entries.map(({ source }) => source))
    for (const source of Object.keys(sharedData.sources)) expect(cited).toContain(source)
  })

  test('name figures that a pattern or a reader of theirs finds, in formats that exist', () => {
    for (const entry of entries)
      for (const { figure, format } of textsOf(entry).flatMap(placeholdersOf)) {
        expect(figuresOf(entry), entry.id).toContain(figure)
        if (format !== undefined) expect(formats, entry.id).toHaveProperty(format)
      }
  })

  test('leave no brace of a template in what they say', () => {
    for (const { id, says, fix } of causes)
      for (const figures of [
        {},
        Object.fromEntries(figuresOf(entries.find((each) => each.id === id)!).map((name) => [name, '7'])),
      ]) {
        const { text, command = '' } = fix(figures)
        expect(`${says(figures)} ${text} ${command}`, id).not.toMatch(/\{!?[a-z]\w*[|=:?}]/i)
      }
  })
})

test('readers and formats are all used', () => {
  const texts = entries.flatMap(textsOf).flatMap(placeholdersOf)
  expect(new Set(texts.flatMap(({ format }) => format ?? []))).toEqual(new Set(Object.keys(formats)))
  const used = entries.flatMap(({ shows }) => ('reader' in shows ? [shows.reader] : []))
  expect(new Set(used)).toEqual(new Set(Object.keys(readers)))
})
