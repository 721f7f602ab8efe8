import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configReferencePage } from './reference-page.ts'
import { serviceSettings } from './service.ts'

const rows = Object.entries(serviceSettings)
/** Flags whose names are conventional rather than derived from the setting. */
const otherNames: Readonly<Record<string, string>> = { adapters: 'lora' }
const folder = new URL('./service/', import.meta.url)
const source = readdirSync(folder)
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join()

describe.each(rows)('%s', (key, row) => {
  it('says on the interface what the table says', () => {
    expect(source).toContain(`  /** ${row.doc} */\n  readonly ${key}:`)
  })

  it('has a default that its own kind accepts', () => {
    expect(row.kind.schema.safeParse(row.default).success).toBe(true)
  })

  it('names its variable after itself, and its flag', () => {
    const snake = key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
    expect(row.env).toBe(`HADAL_${snake}`)
    const name = otherNames[key] ?? key.replace(/(Millis|Bytes)$/, '')
    const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if (row.flag !== null) expect(row.flag).toMatch(new RegExp(`^(-\\w, )?--${kebab}( <\\w+>)?$`))
  })
})

it('no two settings share a flag or a variable', () => {
  const flags = rows.flatMap(([, row]) => row.flag?.match(/--?[\w-]+/g) ?? [])
  expect(new Set(flags).size).toBe(flags.length)
  expect(new Set(rows.map(([, row]) => row.env)).size).toBe(rows.length)
})

it('the reference page has every setting with its default, flag and variable', () => {
  const page = configReferencePage(serviceSettings)
  for (const [key, row] of rows) {
    expect(page).toContain(`## ${key}\n\n${row.doc}`)
    expect(page).toContain(`${row.flag === null ? '' : `\`${row.flag}\``} | \`${row.env}\``)
  }
  expect(page).toContain('| [`port`](#port) | 8080 |')
})
