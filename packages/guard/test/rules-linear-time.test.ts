/** No text makes the rules take more than linear time: the worst that could be thought of, at two lengths. */

import {
  type Check,
  chatMarkupCheck,
  controlCharactersCheck,
  limitsCheck,
  personalDataCheck,
  personalDataKinds,
  secretsCheck,
} from '@hadal/guard'
import { describe, expect, it } from 'vitest'

const checks: readonly Check[] = [
  controlCharactersCheck(),
  limitsCheck({ maxCharacters: 1e9, maxTokens: 1e9, maxLines: 1e9, maxRepeats: 1e9 }),
  chatMarkupCheck(),
  secretsCheck(),
  personalDataCheck({ kinds: personalDataKinds }),
]

function spent(text: string): number {
  const view = {
    name: 'original',
    path: [],
    text,
    toOriginal: (span: { start: number; end: number }) => span,
  }
  const begin = performance.now()
  for (const check of checks) check({ text, views: [view], role: 'tool', language: 'en' })
  return performance.now() - begin
}

const short = 24_000
const factor = 8
/** Shorter times say more of the machine than of the text. */
const leastMillis = 4

describe.each([
  ...['1', '-', ' ', '@', '=', ':', '.', '\0', '\ud800', '\u200d', '密码', '\u{1F3F4}', '\n#'],
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
  it('takes time in proportion', () => {
    // Flat, as texts that come in are: a text put together is laid out the first time it is read.
    const long = Buffer.from(unit.repeat((short * factor) / unit.length)).toString()
    const part = long.slice(0, long.length / factor)
    spent(part)
    const [less, more] = [part, long].map((text) => Math.min(spent(text), spent(text), spent(text))) as [
      number,
      number,
    ]
    // Quadratic would be 64.
    expect(more / Math.max(less, leastMillis)).toBeLessThan(3 * factor)
  })
})
