import { expect, it } from 'vitest'
import { runTemplate } from './run-template.ts'
import { Seal } from './seal.ts'

const seal = new Seal(/<s>/g, [])

it('a template finds what it looks for in sealed text', () => {
  const source = `{{ '<s>' in text }} {{ text.split('<s>') | length }} {{ text }}`
  const rendered = runTemplate(source, seal.all({ text: 'a<s>b' }), seal)
  expect(seal.cut(rendered).join('')).toBe('True 2 a<s>b')
  expect(rendered).not.toContain('<s>')
})

it('marks survive repr and JSON, and stay out of messages', () => {
  const { list } = seal.all({ list: ['no <s>'] })
  for (const source of ['{{ list }}', '{{ list | tojson }}', '{{ list | tojson(ensure_ascii=true) }}'])
    expect(seal.cut(runTemplate(source, { list }, seal)).join('')).toMatch(/^\[['"]no <s>['"]\]$/)
  expect(() => runTemplate('{{ raise_exception(list[0]) }}', { list }, seal)).toThrow(/^no <s>$/)
})
