/** Every text in the source has a Chinese translation with the same placeholders, and there are no unused translations. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterEach, describe, expect, it } from 'vitest'
import { packageFolders } from '../../../../../scripts/package-folders.mjs'
import { keyOf, recognise, say, speak, translate } from './speak.ts'
import type { Texts } from './words.ts'
import { help } from './zh/help/index.ts'
import { made } from './zh/made/index.ts'
import { lines } from './zh/run/index.ts'

/** Command output comes from several packages. */
const sources: string[] = []
const said = new Map<string, string>()
const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../../../../..')
const files = packageFolders().flatMap((folder) => typescriptOf(join(root, folder, 'src')))
for (const path of files) sources.push(readFileSync(path, 'utf8'))
/** Lines with a quotation mark, which may contain texts. */
const quoted = sources
  .flatMap((text) => text.split('\n').filter((line) => /['"`]|\$\{/.test(line)))
  .join('\n')
  .replaceAll(/\\(['`])/g, '$1')
/** The terminal shows names without Markdown markup. */
const everything = quoted + quoted.replaceAll('`', '')
for (const path of files) {
  const text = readFileSync(path, 'utf8')
  if (!/from .(@hadal\/output|.*\/speak\.ts)./.test(text)) continue
  const look = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'say')
      said.set(keyOf(partsOf(node.template)), path)
    if (ts.isCallExpression(node) && node.expression.getText() === 'translate')
      for (const argument of node.arguments) if (ts.isStringLiteral(argument)) said.set(argument.text, path)
    ts.forEachChild(node, look)
  }
  look(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
}

describe('lines in Chinese', () => {
  it('are there for every one that is said', () => {
    const missing = [...said].filter(([text]) => !(text in lines) && !(text in help))
    expect(missing).toEqual([])
    expect(said.size).toBeGreaterThan(10)
  })

  it('exist only for messages that are used', () => {
    const isThere = (text: string): boolean =>
      text.split(/\{\d+\}|\n|, |; /).every((part) => everything.includes(part.replace(/^\W+|\W+$/gu, '')))
    const all = { ...lines, ...made }
    expect(Object.keys(all).filter((text) => !said.has(text) && !isThere(text))).toEqual([])
  })

  it('are one for each English text, whichever dictionary has it', async () => {
    const known = new Map<string, string>()
    for (const folder of ['help', 'run'])
      for (const file of readdirSync(join(here, 'zh', folder)).filter(
        (name) => name.endsWith('.ts') && name !== 'index.ts',
      ))
        for (const texts of Object.values<Texts>(await import(join(here, 'zh', folder, file))))
          for (const [text, chinese] of Object.entries(texts)) {
            expect(known.get(text) ?? chinese, text).toBe(chinese)
            known.set(text, chinese)
          }
    expect(known.size).toBeGreaterThan(500)
  })

  it('have the values of the English, but for the s of a plural', () => {
    for (const [text, chinese] of [...Object.entries(lines), ...Object.entries(made)]) {
      const needed = valuesIn(text.replaceAll(/(?<=[a-z])\{\d+\}/g, ''))
      const all = valuesIn(text)
      const inChinese = valuesIn(chinese)
      expect(
        [...needed].filter((value) => !inChinese.has(value)),
        text,
      ).toEqual([])
      expect(
        [...inChinese].filter((value) => !all.has(value)),
        text,
      ).toEqual([])
    }
  })
})

describe('what is said', () => {
  afterEach(() => speak('en'))

  it('is English until another language is spoken, and what is unknown to that stays English', async () => {
    expect(say`too many arguments: ${3} instead of ${2}`).toBe('too many arguments: 3 instead of 2')
    await speak('zh')
    expect(say`too many arguments: ${3} instead of ${2}`).toBe('参数过多：给出 3 个，应为 2 个')
    expect(
      say`command-argument value '${'x'}' is invalid for argument '${'y'}'. Allowed choices are ${'$&'}.`,
    ).toBe("参数 'y' 的值 'x' 无效。可选：$&。")
    expect(translate('a name of somebody')).toBe('a name of somebody')
    expect(recognise('threads: 4 (physical cores; fewer while others need the cores)')).toBe(
      '线程数: 4 (物理核；其他程序需要时减少)',
    )
    expect(recognise('threads')).toBe('threads')
    await speak('en')
    expect(translate('print JSON')).toBe('print JSON')
  })

  it('is left unchanged when it has the name of an Object.prototype member', async () => {
    await speak('zh')
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(translate(name)).toBe(name)
      expect(recognise(name)).toBe(name)
      expect(recognise(`a.json: there is no setting ${name}`)).toMatch(new RegExp(`没有设置 ${name}$`))
    }
  })

  it('is recognised in time linear in the text, even for hostile input', async () => {
    await speak('zh')
    const hostile = `${' of 1: 2, '.repeat(390)}!`
    expect(recognise(hostile)).toHaveLength(hostile.length)
    const long = 'x is not '.repeat(100_000)
    expect(recognise(long)).toBe(long)
  })
})

/** Excludes the dictionaries. */
function typescriptOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/language/zh/'))
}

function partsOf(template: ts.TemplateLiteral): string[] {
  return ts.isNoSubstitutionTemplateLiteral(template)
    ? [template.text]
    : [template.head.text, ...template.templateSpans.map((span) => span.literal.text)]
}

function valuesIn(text: string): Set<string> {
  return new Set(text.match(/\{\d+\}/g) ?? [])
}
