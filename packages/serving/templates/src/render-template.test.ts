import { describe, expect, it } from 'vitest'
import { TemplateFailure } from './failure.ts'
import { formatTime } from './format-time.ts'
import { checkTemplate, renderTemplate } from './render-template.ts'

const date = new Date(2026, 6, 4, 15, 5, 9)
const render = (source: string, variables: Readonly<Record<string, unknown>> = {}): string =>
  renderTemplate(source, variables, { date })

describe('a template', () => {
  it('has ranges, within bounds', () => {
    expect(render('{{ range(3) | join }} {{ range(1, 6, 2) | join }} {{ range(3, 0, -1) | join }}')).toBe(
      '012 135 321',
    )
    expect(render('{{ range(3, 1) | length }}')).toBe('0')
    for (const bounds of ['1000000000', '0, 5, 0', '"a"'])
      expect(() => render(`{{ range(${bounds}) | join }}`)).toThrow(TemplateFailure)
  })

  it('cannot grow without end', () => {
    const large = `{% for i in range(9000) %}{{ text }}{% endfor %}`
    expect(() => render(large, { text: 'x'.repeat(10_000) })).toThrow(/it makes 12\d+ characters/)
  })

  it('says why it refuses', () => {
    expect(() => render(`{{ raise_exception('not so') }}`)).toThrow(
      expect.objectContaining({ kind: 'raised', message: 'not so' }),
    )
    expect(() => checkTemplate('{% for %}')).toThrow(expect.objectContaining({ kind: 'syntax' }))
    expect(() => render(`{{ 'a' + b }}`)).toThrow(/^'b' is undefined$/)
  })

  it('takes what is undefined for nothing where Python does, and nowhere else', () => {
    expect(render(`{% for t in absent %}x{% endfor %}{% for t in absent if t %}x{% endfor %}`)).toBe('')
    expect(render(`{{ a.b | trim }}{{ a.b | length }}{{ c | upper }}`, { a: {} })).toBe('0')
    expect(() => render(`{{ a.b.c }}`, { a: {} })).toThrow(/'dict object' has no attribute 'b'/)
    expect(render(`{{ tools }}{{ documents }}{{ other }}`, { other: undefined })).toBe('NoneNone')
  })

  it('keeps its functions and its last items of loops from variables', () => {
    expect(render(`{{ range(2) | list }}{{ true }}`, { range: 1, true: 0, namespace: 2 })).toBe('[0, 1]True')
    expect(render('{{ a.__proto__ }}{{ a.x }}', { a: JSON.parse('{"__proto__": 1, "x": 2}') })).toBe('12')
  })

  it('knows the time it is given', () => {
    expect(formatTime(date, '%d %b %Y, %A %B %-d %y')).toBe('04 Jul 2026, Saturday July 4 26')
    expect(formatTime(date, '%H:%M:%S %I %p %% %')).toBe('15:05:09 03 PM % %')
    expect(render(`{{ strftime_now('%Y') }}`)).toBe('2026')
  })

  it('changes literals that it looks for as its caller says', () => {
    const literals = { key: 'upper', text: (text: string) => text.toUpperCase() }
    const source = `{{ c == 'ab' }}{{ 'b' in c }}{{ c.split('b') }}{{ c | replace('a', 'x') }}{{ 'ab' }}`
    expect(renderTemplate(source, { c: 'AB' }, { date, literals })).toBe("TrueTrue['A', '']xBab")
    expect(render(source, { c: 'AB' })).toBe("FalseFalse['AB']ABab")
  })
})
