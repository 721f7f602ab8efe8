import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namesAnotherHost, safeLink, visibleText } from './safe-link.ts'

describe('addresses of links', () => {
  it('are of the web and of mail', () => {
    expect(safeLink('https://example.com/a?b=c#d')).toEqual({
      href: 'https://example.com/a?b=c#d',
      host: 'example.com',
    })
    expect(safeLink('HTTP://EXAMPLE.com:8080')).toEqual({
      href: 'http://example.com:8080/',
      host: 'example.com:8080',
    })
    expect(safeLink('mailto:a.b@example.com?bcc=c@example.com')).toEqual({
      href: 'mailto:a.b@example.com',
      host: 'a.b@example.com',
    })
    expect(safeLink('https://bücher.example')?.href).toBe('https://xn--bcher-kva.example/')
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//example.com',
    'https:example.com',
    'https:\\\\example.com',
    'https://a@b.example',
    'https://exam\u202eple.com',
    'https://exam\u200bple.com',
    ' https://example.com',
    'https://example.com/a b',
    'java\tscript:alert(1)',
    '#/keys',
    '/hadal/keys',
    'https://',
    '',
    `https://example.com/${'a'.repeat(3_000)}`,
  ])('are not %j', (address) => {
    expect(safeLink(address)).toBeUndefined()
  })

  it('whatever is given lead to the web or to mail, in ASCII, without quotes', () => {
    const part = fc.constantFrom(
      'java',
      'script',
      ':',
      '/',
      '//',
      'https',
      'mailto',
      '@',
      'a.b',
      '"',
      "'",
      '<',
      '\\',
      '\t',
      '%0a',
      '?',
      '#',
      'é',
      '\u202e',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (address) => {
          const link = safeLink(address)
          if (link !== undefined)
            expect(link.href).toMatch(/^(https?:\/\/|mailto:)[\x21\x23-\x3b\x3d\x3f-\x7e]+$/)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('are compared with the host that the link text names', () => {
    const link = { href: 'https://evil.example/', host: 'evil.example' }
    for (const words of ['bank.example', 'https://bank.example/login', ' www.bank.example '])
      expect(namesAnotherHost(words, link)).toBe(true)
    for (const words of ['evil.example', 'https://www.evil.example/x', 'the bank', 'Node.js is good'])
      expect(namesAnotherHost(words, link)).toBe(false)
  })
})

it('what would turn text around is named', () => {
  expect(visibleText('a\u202Eb\u2066c')).toBe('a⟨U+202E⟩b⟨U+2066⟩c')
  expect(visibleText('שלום \u200f abc')).toBe('שלום \u200f abc')
})
