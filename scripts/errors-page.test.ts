import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serviceSettings } from '@hadal/config'
import { defaultLimits } from '@hadal/server'
import { describe, expect, it } from 'vitest'
import { errorsPage, nextStep } from './errors-page.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isTest = (path: string): boolean => path.endsWith('.test.ts') || /(^|\/)tests?\//.test(path)
const sources = ['packages', 'tests', 'recipes', 'scripts'].flatMap(typescriptIn)

function typescriptIn(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'build'].includes(entry.name) ? [] : typescriptIn(path)
    return path.endsWith('.ts') ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : []
  })
}

/** `package code` of each declaration, read from the source itself. */
const declared = sources
  .filter(({ path }) => path.includes('/src/') && !isTest(path))
  .flatMap(({ path, text }) =>
    [...text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/\bdefineError\(\s*\{\s*(?:code: '(\w+)')?/g)].map(
      ([, code]) => `${path.split('/')[2]} ${code ?? `(no plain code in ${path})`}`,
    ),
  )

describe('the page of errors', () => {
  it('has every error that a package declares, in the section of that package', async () => {
    const shown: string[] = []
    let section = ''
    for (const [, name, code] of (await errorsPage()).matchAll(/^(?:## ([\w-]+)|### `(\w+)`)$/gm)) {
      if (name !== undefined) section = name
      else shown.push(`${section} ${code}`)
    }
    expect(declared.length).toBeGreaterThan(90)
    expect(shown.sort()).toEqual(declared.sort())
  })

  it('has what happened and the next step in every entry', async () => {
    const entries = (await errorsPage()).split(/^### /m).slice(1)
    const complete = /^`\w+`\n\n[A-Z`\d].{10,}\. HTTP status \d{3}\.\n\n\*\*Next step:\*\* [A-Z`\d].{4,}/
    expect(entries.length).toBeGreaterThan(400)
    expect(entries.filter((entry) => !complete.test(entry))).toEqual([])
  })

  it('names only settings that exist, and says which are createServer’s', async () => {
    const known = [
      ...Object.keys(serviceSettings),
      ...Object.entries<{ within?: readonly { name: string }[] }>(serviceSettings).flatMap(
        ([key, { within = [] }]) => within.map(({ name }) => `${key}.${name}`),
      ),
      ...Object.keys(defaultLimits).map((key) => `limits.${key}`),
    ]
    const named =
      (await errorsPage()).match(/limits\.\w+|\b([a-z]+\.)?[a-z]+[A-Za-z]*(Bytes|Millis|Micros)\b/g) ?? []
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })
})

describe('the next step', () => {
  const of = (help: string | ((...values: never[]) => string), values: string[] = [], docsHelp?: string) =>
    nextStep({
      spec: { code: 'oven_too_hot', status: 400, when: '', help, ...(docsHelp && { docsHelp }) },
      values,
    })

  it('has placeholders for the values that the help names', () => {
    expect(of('Set it to 250 or less.')).toBe('Set it to 250 or less.')
    expect(of((most: number) => `Set it to ${most} or less.`, ['most: number'])).toBe(
      'Set it to `<most>` or less.',
    )
    expect(of((names: string[]) => `Use \`--oven ${names.join(', ')}\`.`, ['names: readonly string[]'])).toBe(
      'Use `--oven <names>`.',
    )
  })

  it('fails where it is missing, or where the help has branches and the page has none', () => {
    expect(() => of(' ')).toThrow('oven_too_hot has no next step')
    const branching = (isOn: boolean): string => (isOn ? 'Turn it off.' : 'Turn it on.')
    expect(() => of(branching, ['isOn: boolean'])).toThrow('add docsHelp')
    expect(() => of((isOn = true) => `Set it to ${isOn}.`, ['isOn?: boolean'])).toThrow('add docsHelp')
    expect(() => of(({ most }: { most: number }) => `Set ${most}.`, ['oven: Oven'])).toThrow('add docsHelp')
    expect(of(branching, ['isOn: boolean'], 'Turn it on or off.')).toBe('Turn it on or off.')
  })
})

it('every error is met in a test', () => {
  const tests = sources.filter(({ path }) => isTest(path) && !path.endsWith('errors-page.test.ts'))
  const words = new Set(tests.flatMap(({ text }) => text.match(/\w+/g) ?? []))
  const codes = declared.map((each) => each.split(' ')[1]!)
  expect(codes.filter((code) => !words.has(code))).toEqual([])
})
