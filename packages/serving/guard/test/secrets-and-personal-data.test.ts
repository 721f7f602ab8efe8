/** What is detected as a secret or personal data, and what only resembles it. */

import {
  type Check,
  personalDataCheck,
  personalDataKinds,
  secretKinds,
  secretsCheck,
  type View,
} from '@hadal/guard'
import { describe, expect, it } from 'vitest'
import { samples } from './secret-samples.ts'

const original = (text: string): View => ({ name: 'original', path: [], text, toOriginal: (span) => span })
const ask = async (check: Check, text: string, views: readonly View[] = [original(text)]) =>
  (await check({ text, views, role: 'user', language: 'en' })).findings
const checks = [secretsCheck(), personalDataCheck()]
const findAll = async (text: string) => (await Promise.all(checks.map((check) => ask(check, text)))).flat()

const carriers = [
  (text: string) => text,
  (text: string) => `Here it is: ${text}, thanks.`,
  (text: string) => `这是${text}。`,
  (text: string) => `{"value": "${text}"}`,
  (text: string) => `a\\n${text}\\nb`,
]

describe.each(samples)('$rule: $text', ({ rule, text, found = text }) => {
  it.each(carriers.map((carry) => [carry('...'), carry] as const))('is found in %s', async (_, carry) => {
    const carrier = carry(text)
    const start = carrier.indexOf(text) + text.indexOf(found)
    const findings = (await findAll(carrier)).filter((finding) => finding.rule === rule)
    expect(findings.map(({ span }) => span)).toEqual([{ start, end: start + found.length }])
    expect(findings[0]!.why).not.toContain(found)
  })
})

describe('what is neither', () => {
  it.each([
    ['a date', 'Meet on 2024-05-17 at 10:30, or on 17.05.2024 or 05/17/2024 10:30:00.'],
    ['a time stamp', '1717171717 and 1717171717171 and 2024-05-17T10:30:00.000Z'],
    ['versions', 'Chrome 120.0.6099.109, version 10.20.30.40, v10.11.12.13, node 20.20.2, 1.2.3.4'],
    ['an ISBN', 'ISBN 978-3-16-148410-0, ISBN-13 9783161484100, ISBN 0-306-40615-2'],
    ['numbers of orders', 'order 13812345678, 订单号：13912345678, tracking number: 4111111111111111'],
    ['an IMEI', 'IMEI 490154203237518'],
    ['a card whose check digit is wrong', '4111 1111 1111 1112, 5555555555554445'],
    ['a number no issuer has', '1111 1111 1111 1111, 7992739871300000, 9999999999999995'],
    ['an IBAN whose check digits are wrong', 'DE88 3704 0044 0532 0130 00, XX89370400440532013000'],
    ['an identity number that cannot be', '110105194912310021, 11010519491331002X, 99010519491231002X'],
    [
      'a social security number that cannot be',
      '000-12-3456, 666-12-3456, 900-12-3456, 123-00-4567, 123-45-0000, 078-05-1120',
    ],
    [
      'private and reserved addresses',
      '127.0.0.1 10.0.0.8 192.168.1.1 172.16.3.4 255.255.255.0 ::1 fe80::1 300.1.1.1',
    ],
    ['names within programs', 'std::vector a::b bad::face 12:34:56 aa:bb:cc:dd:ee:ff'],
    [
      'files and packages',
      'logo@2x.png, react@18.2.0, @scope/pkg, git@github.com:a/b.git, a@b, user@localhost',
    ],
    ['money and decimals', '$1,234,567.89, 3.14159265358979, +5 points, +1000000, 0.4111111111111111'],
    ['a sum', '2+12345678901 = x, c++17, UTC+08:00, +0800'],
    [
      'placeholders of secrets',
      'api_key = "YOUR_API_KEY", password: ********, postgres://user:password@host/db',
    ],
    [
      'templates',
      `redis://:${'$'}{REDIS_PASSWORD}@host, token: <your-token>, secret={{ secret }}, password=%PASSWORD%`,
    ],
    [
      'programs that name secrets',
      'password: string; const token = getToken(id1); secret = process.env.SECRET_1; pwd = config.db.password1',
    ],
    ['limits', 'max_tokens: 4096, token: 12, tokens = [1, 2, 3]'],
    ['a path', 'password: /run/secrets/db_password1'],
    [
      'a token whose checksum is wrong',
      `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'} npm_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`,
    ],
    ['the example of AWS', `AKIA${'IOSFODNN7EXAMPLE'}`],
    [
      'names like keys',
      'sk-learn-contrib-project-template-for-everybody, hf_model_name_with_many_words_inside_it',
    ],
    ['three words with dots', 'eyJ.abc.def, eyJhbGci.notatoken, eyJub3QiOiJqd3QifQ.eyJzdWIiOiIxIn0.x'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq\n-----END CERTIFICATE-----',
    ],
    ['a line that keys begin with', 'A key starts with -----BEGIN PRIVATE KEY----- and a line break.'],
    ['a digest', 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ])('%s', async (_, text) => {
    expect(await findAll(text)).toEqual([])
  })
})

describe('checks for them', () => {
  it('find only the requested kinds', async () => {
    const text = 'ann@example.com, 4111 1111 1111 1111, password: Tr0ub4dor&3, redis://:h%40rd@host'
    expect((await ask(personalDataCheck({ kinds: ['card'] }), text)).map(({ rule }) => rule)).toEqual([
      'pii.card',
    ])
    expect((await ask(secretsCheck({ kinds: ['url'] }), text)).map(({ rule }) => rule)).toEqual([
      'secret.url_password',
    ])
    expect(() => personalDataCheck({ kinds: ['cards' as 'card'] })).toThrow(
      expect.objectContaining({
        code: 'guard_kind_unknown',
        help: `Use one of ${personalDataKinds.join(', ')}.`,
      }),
    )
    expect(() => secretsCheck({ kinds: ['toString' as 'token'] })).toThrow(
      expect.objectContaining({ code: 'guard_kind_unknown', help: `Use one of ${secretKinds.join(', ')}.` }),
    )
  })

  it('take a passport for one only where it is called so', async () => {
    const check = personalDataCheck({ kinds: ['passport'] })
    expect(await ask(check, '护照号码：E12345678')).toMatchObject([
      { rule: 'pii.passport', span: { start: 5, end: 14 } },
    ])
    expect(await ask(check, 'part E12345678')).toEqual([])
    expect((await findAll('护照号码：E12345678')).map(({ rule }) => rule)).toEqual([])
  })

  it('report a finding from a decoded view once, at its position in the original', async () => {
    const text = 'mail: x'
    const decoded: View = {
      name: 'base64',
      path: ['base64'],
      text: 'mail: ann@example.com',
      toOriginal: () => ({ start: 6, end: 7 }),
    }
    const both: View = { ...original('mail: ann@example.com'), name: 'normalized' }
    expect(await ask(personalDataCheck(), text, [original(text), decoded])).toMatchObject([
      { rule: 'pii.email', view: 'base64', span: { start: 6, end: 7 }, replacement: '[email]' },
    ])
    const twice = await ask(personalDataCheck(), both.text, [original(both.text), both])
    expect(twice).toMatchObject([{ view: 'original' }])
  })

  it('stop counting where a text is made of nothing else, and leave nothing of it unsaid', async () => {
    const text = 'a@b.co '.repeat(20_000)
    const findings = await ask(personalDataCheck(), text)
    expect(findings).toHaveLength(10_001)
    expect(findings.at(-1)).toMatchObject({
      span: { start: 70_000, end: text.length },
      why: 'e-mail address, and many more',
    })
  })
})
