/** The rules take linear time on worst-case texts, measured at two lengths. */

import {
  attackPhrasesCheck,
  type Check,
  chatMarkupCheck,
  controlCharactersCheck,
  limitsCheck,
  personalDataCheck,
  personalDataKinds,
  secretsCheck,
} from '@hadal/guard'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const checks: readonly Check[] = [
  controlCharactersCheck(),
  limitsCheck({ maxCharacters: 1e9, maxTokens: 1e9, maxLines: 1e9, maxRepeats: 1e9 }),
  attackPhrasesCheck(),
  chatMarkupCheck(),
  secretsCheck(),
  personalDataCheck({ kinds: personalDataKinds }),
]

async function ask(text: string): Promise<number> {
  const view = {
    name: 'original',
    path: [],
    text,
    toOriginal: (span: { start: number; end: number }) => span,
  }
  let findings = 0
  for (const check of checks)
    for (const { span } of (await check({ text, views: [view], role: 'tool', language: 'en' })).findings) {
      if (!(0 <= span.start && span.start < span.end && span.end <= text.length))
        throw new RangeError(JSON.stringify(span))
      findings += 1
    }
  return findings
}

/** CPU milliseconds, which other load may inflate. */
async function spent(text: string): Promise<number> {
  const begin = process.cpuUsage()
  await ask(text)
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000
}

/** Includes lone surrogates. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))

it('every text gets an answer, with spans within it', async () => {
  const unit = fc.oneof(
    anyText,
    fc.constantFrom(
      '\ud800',
      '\udc00',
      '\u{1F3F4}\u{E0067}',
      '@',
      '://',
      'password=',
      '-----BEGIN ',
      'eyJ',
      '+1 ',
      '<|',
      '{',
      '4111 ',
    ),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(unit).map((units) => units.join('')),
      async (text) => void (await ask(text)),
    ),
  )
  expect(await ask('')).toBe(0)
})

it('ten million characters get one, too', async () => {
  expect(await ask('Write to ann@example.com or call 138 1234 5678.\n'.repeat(220_000))).toBeGreaterThan(
    20_000,
  )
})

const short = 6000
const factor = 16
/** Shorter times are dominated by noise. */
const minMillis = 2

describe.each([
  ...['1', '-', ' ', '@', '=', ':', '.', '\0', '\ud800', '\u200d', '密码', '\u{1F3F4}', '\u{E0069}', '\n#'],
  ...['a@', 'a.', 'a-', 'a1', '+1', '+1 ', '(1) ', '4111 ', '4111-', '1.1.1.1.', '2001:', '123-45-', '::'],
  ...['eyJ', 'eyJaaaaaaaa.', 'sk-', 'sk-aaaaaaaaaaaaaaaaaaaaa ', 'ghp_', 'GB12 ', 'ABCD1234', '护照E1234567'],
  ...['://', 'a://a:', 'api_key=', 'password: ', 'password="Passw0rd1" ', 'Authorization: Bearer '],
  ...[
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----\nA-: \n',
    '-----END PRIVATE KEY-----',
    `-----BEGIN PRIVATE KEY-----${'A'.repeat(20)}`,
  ],
  ...[
    '<|im_start|>',
    '<|a',
    '[INST',
    '\n### System',
    '\n\nHuman: ',
    'bob.smith@example.com ',
    'order 13812345678 ',
  ],
])('%j over and over', (unit) => {
  it('takes time in proportion', async () => {
    // Flat strings, like real input: a rope would be flattened on first access.
    const long = Buffer.from(unit.repeat((short * factor) / unit.length)).toString()
    const part = long.slice(0, long.length / factor)
    await spent(part)
    const shortest = async (text: string) => Math.min(await spent(text), await spent(text))
    const [less, more] = [await shortest(part), await shortest(long)]
    // Quadratic would be 256.
    expect(more / Math.max(less, minMillis)).toBeLessThan(6 * factor)
  })
})
