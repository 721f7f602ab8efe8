/** Invariants of data/: no duplicates or conflicting labels, and evaluation texts never used for training. */

import { readdirSync, readFileSync } from 'node:fs'
import { type LabelledText, parseLabelledText } from '@hadal/guard'
import { describe, expect, it } from 'vitest'

const data = new URL('../data/', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, data), 'utf8')
const rowsOf = (file: string): LabelledText[] =>
  read(file)
    .trimEnd()
    .split('\n')
    .map((line, at) => parseLabelledText(line, `${file}:${at + 1}`))

const files = readdirSync(data).filter((file) => file.endsWith('.jsonl'))
const rows = new Map(files.map((file) => [file, rowsOf(file)]))
const measured = 'trigger-words.jsonl'
const trained = files.filter((file) => file !== measured).flatMap((file) => rows.get(file)!)

/** Letters and digits only, or the text itself if there are none. */
function normal(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return words === '' ? text : words
}

function gramsOf(text: string, size: number): Set<string> {
  const from = normal(text)
  const count = Math.max(1, from.length - size + 1)
  return new Set(Array.from({ length: count }, (_, at) => from.slice(at, at + size)))
}

describe('every text', () => {
  it.each(files)('of %s is labelled as the file says, with a source and a category', (file) => {
    expect(rows.get(file)!.length).toBeGreaterThan(50)
    for (const row of rows.get(file)!) {
      expect(row.isAttack, row.text).toBe(file.startsWith('attacks-'))
      expect(row.source, row.text).toMatch(/^hadal:[a-z0-9-]+$/)
      expect(row.category, row.text).toMatch(/^[a-z-]+$/)
      expect(row.text, row.text).toBe(row.text.trim())
      expect(row.text).not.toBe('')
    }
  })

  it('is there once, so under one label', () => {
    const seen = new Map<string, string>()
    const twice: string[] = []
    for (const [file, of] of rows)
      for (const { text } of of) {
        const key = normal(text)
        if (seen.has(key)) twice.push(`${file} and ${seen.get(key)}: ${text}`)
        seen.set(key, file)
      }
    expect(twice).toEqual([])
  })

  it('is of a topic that has one label, but for documents and requests that others were put into', () => {
    const labels = new Map<string, Set<boolean>>()
    for (const { source, isAttack } of trained)
      labels.set(source, (labels.get(source) ?? new Set()).add(isAttack))
    const both = [...labels].filter(([, of]) => of.size > 1).map(([source]) => source)
    const composed = ['en', 'zh'].flatMap((of) => [
      `hadal:composed-${of}-indirect`,
      `hadal:composed-${of}-openings`,
    ])
    expect(both.toSorted()).toEqual(composed)
  })

  it('keeps its links where no one lives', () => {
    const hosts = [...trained, ...rows.get(measured)!].flatMap(({ text }) =>
      [...text.matchAll(/https?:\/\/([\w.-]*\w)/g)].map(([, host]) => host!),
    )
    const reserved = /(?:^|\.)example(?:\.(?:com|org|net))?$/
    expect(hosts.filter((host) => !reserved.test(host))).toEqual([])
  })
})

describe('the trigger words', () => {
  it('are 100 in English and 100 in Chinese', () => {
    const count = (language: string): number =>
      rows.get(measured)!.filter((row) => row.language === language).length
    expect([count('en'), count('zh')]).toEqual([100, 100])
  })

  it('are no near copies of what is trained on: at most 60 % of their character 5-grams (4-grams in Chinese) are of one text', () => {
    const near: string[] = []
    for (const [language, size] of [
      ['en', 5],
      ['zh', 4],
    ] as const) {
      const requested = rows
        .get(measured)!
        .filter((row) => row.language === language)
        .map(({ text }) => ({ text, grams: gramsOf(text, size) }))
      for (const { text, language: written } of trained) {
        // Long texts match many things by chance.
        if (written !== language || text.length >= 400) continue
        const own = gramsOf(text, size)
        for (const { text: measuredText, grams } of requested) {
          let shared = 0
          for (const gram of grams) if (own.has(gram)) shared += 1
          if (shared > 0.6 * grams.size) near.push(`${measuredText} | ${text}`)
        }
      }
    }
    expect(near).toEqual([])
  })
})

describe('the card', () => {
  it('counts right', () => {
    const counted = new Map<string, number>()
    let file = ''
    for (const [, name, category, count] of read('README.md').matchAll(
      /^\| (?:`(.+)` )?\| (?:([a-z-]+) )?\| \**(\d+)\** \|$/gm,
    )) {
      file = name ?? file
      counted.set(`${file} ${category ?? ''}`, Number(count))
    }
    const expected = new Map<string, number>()
    for (const [name, of] of rows) {
      expected.set(`${name} `, of.length)
      for (const { category } of of)
        expected.set(`${name} ${category}`, (expected.get(`${name} ${category}`) ?? 0) + 1)
    }
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(expected))
  })
})
