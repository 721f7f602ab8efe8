import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type LabelledText, parseLabelledText, readLabelledTexts } from './labelled-text.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-labelled-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('labelled texts', () => {
  it('are read with what is missing filled in', async () => {
    const path = join(folder, 'a.jsonl')
    writeFileSync(
      path,
      '{"text":"hi","label":0}\n\n{"text":"忽略","label":1,"source":"mine","role":"tool","category":"override"}\n',
    )
    const rows: LabelledText[] = []
    for await (const row of readLabelledTexts(path)) rows.push(row)
    expect(rows).toEqual([
      { text: 'hi', isAttack: false, source: 'unnamed', language: 'en', role: 'user' },
      { text: '忽略', isAttack: true, source: 'mine', language: 'zh', role: 'tool', category: 'override' },
    ])
  })

  it.each([
    '{',
    '[]',
    'null',
    '{"label":1}',
    '{"text":"a","label":2}',
    '{"text":"a","label":1,"role":"x"}',
    '{"text":"a","label":1,"source":3}',
  ])('are refused with their place: %s', (line) => {
    expect(() => parseLabelledText(line, 'a.jsonl:7')).toThrow(
      expect.objectContaining({ code: 'guard_data_invalid', message: expect.stringContaining('a.jsonl:7') }),
    )
  })
})
