import { describe, expect, it } from 'vitest'
import { formatTime, runTemplate, TemplateFailure } from './run-template.ts'
import { Seal } from './seal.ts'

describe('a template', () => {
  it('has ranges, within bounds', () => {
    expect(
      runTemplate('{{ range(3) | join }} {{ range(1, 6, 2) | join }} {{ range(3, 0, -1) | join }}', {}),
    ).toBe('012 135 321')
    expect(runTemplate('{{ range(3, 1) | length }}', {})).toBe('0')
    for (const bounds of ['1000000000', '0, 5, 0', '"a"'])
      expect(() => runTemplate(`{{ range(${bounds}) | join }}`, {})).toThrow(TemplateFailure)
  })

  it('cannot grow without end', () => {
    const doubling = `{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}`
    expect(() => runTemplate(doubling, {})).toThrow(TemplateFailure)
    const large = `{% for i in range(9000) %}{{ text }}{% endfor %}`
    expect(() => runTemplate(large, { text: 'x'.repeat(10_000) })).toThrow(/90000000 characters/)
  })

  it('says why it refuses', () => {
    expect(() => runTemplate(`{{ raise_exception('not so') }}`, {})).toThrow('not so')
    const seal = new Seal(/<s>/g, [])
    expect(() => runTemplate('{{ raise_exception(text) }}', seal.all({ text: 'no <s>!' }), seal)).toThrow(
      /^no <s>!$/,
    )
  })

  it('takes what is undefined for nothing, as in Python', () => {
    expect(runTemplate(`{% for t in tools %}x{% endfor %}{% for t in tools if t %}x{% endfor %}`, {})).toBe(
      '',
    )
    expect(runTemplate(`{{ a.b | trim }}{{ a.b | length }}{{ c | upper }}`, { a: {} })).toBe('0')
    expect(runTemplate(`{{ a | trim }}{{ a | selectattr('b') | list | length }}`, { a: null })).toBe('0')
  })

  it('adds nothing for a variable that nobody set', () => {
    expect(runTemplate(`{{ 'a' + b + 'c' }}{{ d + 'e' }}`, {})).toBe('ace')
  })

  it('makes a string of everything, as Python does', () => {
    const a = { n: null, t: true, i: 3, f: 1.5, s: 'x', l: ['a', null, "it's"], m: { k: [1], q: '"\'\n' } }
    const strings = Object.keys(a).map((key) => `{{ a.${key} | string }}`)
    expect(runTemplate(strings.join(' '), { a })).toBe(
      `None True 3 1.5 x ['a', None, "it's"] {'k': [1], 'q': '"\\'\\n'}`,
    )
    expect(runTemplate(`{{ (b | string) ~ (a.i | string | length) }}`, { a })).toBe('1')
  })

  it('knows the time', () => {
    const date = new Date(2026, 6, 4, 15, 5, 9)
    expect(formatTime(date, '%d %b %Y, %A %B %-d %y')).toBe('04 Jul 2026, Saturday July %-d 26')
    expect(formatTime(date, '%H:%M:%S %I %p %% %')).toBe('15:05:09 03 PM % %')
    expect(runTemplate(`{{ strftime_now('%Y') }}`, {})).toMatch(/^\d{4}$/)
  })
})
