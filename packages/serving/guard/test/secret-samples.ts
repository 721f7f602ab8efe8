/** Fake secrets and personal data, assembled so that scanners do not flag them. */

import { crc32 } from 'node:zlib'

const random = 'q8Zr3LkT1vXw9NbE5mYc7HdG2sPa4RuJ6fQoViWxKzBtCnMeDgSh0'.repeat(4)
const hex = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const of = (length: number): string => random.slice(0, length)
/** As in GitHub and npm tokens: CRC-32 in base 62. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const checksum = Array.from(
  { length: 6 },
  (_, at) => digits[Math.floor(crc32(of(30)) / 62 ** (5 - at)) % 62],
).join('')
const checked = of(30) + checksum
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = [part({ alg: 'HS256', typ: 'JWT' }), part({ sub: '1234567890', name: 'Ann' }), of(43)].join('.')
const pem = (kind: string, body: string): string =>
  `-----BEGIN ${kind} KEY-----\n${body}\n-----END ${kind} KEY-----`

export interface Sample {
  readonly rule: string
  readonly text: string
  /** Absent: the whole text. */
  readonly found?: string
}

export const samples: readonly Sample[] = [
  { rule: 'secret.aws', text: `AKIA${'IOSFODNN7QZ4TKVB'}` },
  { rule: 'secret.github', text: `ghp_${checked}` },
  { rule: 'secret.github', text: `github_pat_${of(22)}_${of(59)}` },
  { rule: 'secret.gitlab', text: `glpat-${of(20)}` },
  { rule: 'secret.slack', text: `xoxb-${'123456789012'}-${of(24)}` },
  { rule: 'secret.stripe', text: `sk_live_${of(24)}` },
  { rule: 'secret.openai', text: `sk-proj-${of(48)}` },
  { rule: 'secret.openai', text: `sk-${of(20)}T3Blbk${'FJ'}${of(20)}` },
  { rule: 'secret.anthropic', text: `sk-ant-api03-${of(93)}AA` },
  { rule: 'secret.deepseek', text: `sk-${hex.slice(0, 32)}` },
  { rule: 'secret.openrouter', text: `sk-or-v1-${hex}` },
  { rule: 'secret.api_key', text: `sk-${of(48)}` },
  { rule: 'secret.google', text: `AIza${of(35)}` },
  { rule: 'secret.npm', text: `npm_${checked}` },
  { rule: 'secret.pypi', text: `pypi-AgEIcHlwaS5vcmc${of(60)}` },
  { rule: 'secret.huggingface', text: `hf_${of(34)}` },
  { rule: 'secret.hadal', text: `hdl_${of(43)}` },
  { rule: 'secret.jwt', text: jwt },
  { rule: 'secret.private_key', text: pem('RSA PRIVATE', of(120)) },
  { rule: 'secret.private_key', text: pem('OPENSSH PRIVATE', of(70)).replaceAll('\n', '\\n') },
  { rule: 'secret.url_password', text: 'postgres://ann:tr0ub4dor@db.example.com/x', found: 'tr0ub4dor' },
  { rule: 'secret.url_password', text: 'redis://:h%40rd@10.0.0.1:6379', found: 'h%40rd' },
  { rule: 'secret.assigned', text: `API_KEY="${of(32)}"`, found: of(32) },
  { rule: 'secret.assigned', text: `"client_secret": "${hex}"`, found: hex },
  { rule: 'secret.assigned', text: `Authorization: Bearer ${of(40)}`, found: of(40) },
  { rule: 'secret.password', text: 'password: Tr0ub4dor&3', found: 'Tr0ub4dor&3' },
  { rule: 'secret.password', text: '密码：Abcd#2024', found: 'Abcd#2024' },
  { rule: 'pii.email', text: 'ann.lee+news@mail.example.co.uk' },
  { rule: 'pii.phone', text: '+1 (415) 555-2671' },
  { rule: 'pii.phone', text: '+49 30 901820' },
  { rule: 'pii.phone', text: '+8613812345678' },
  { rule: 'pii.phone', text: '138 1234 5678' },
  { rule: 'pii.phone', text: '15912345678' },
  { rule: 'pii.phone', text: '(415) 555-2671' },
  { rule: 'pii.card', text: '4111 1111 1111 1111' },
  { rule: 'pii.card', text: '5555555555554444' },
  { rule: 'pii.card', text: '3782 822463 10005' },
  { rule: 'pii.card', text: '6222-0212-3456-7894' },
  { rule: 'pii.iban', text: 'DE89 3704 0044 0532 0130 00' },
  { rule: 'pii.iban', text: 'GB82WEST12345698765432' },
  { rule: 'pii.cn_id', text: '11010519491231002X' },
  { rule: 'pii.us_ssn', text: '536-22-8726' },
  { rule: 'pii.ip', text: '81.2.69.142' },
  { rule: 'pii.ip', text: '2a02:6b8::2:242' },
]
