import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { samples } from '../../test/secret-samples.ts'
import { contextLength, type Detector } from './detector.ts'
import {
  type PersonalDataKind,
  personalDataDetectors,
  personalDataKinds,
} from './personal-data/personal-data-check.ts'
import { redact, redactionsOf } from './redact.ts'
import { secretDetectors } from './secrets/secrets-check.ts'
import { StreamRedactor, type StreamRedactorOptions } from './stream-redactor.ts'
import { patternDetectors, type UserPattern } from './user-patterns.ts'

const patterns: readonly UserPattern[] = [
  { name: 'project', pattern: 'project-[a-z]{3,8}', replacement: '<project>' },
  { name: 'word', pattern: '\\bfox\\b', reach: 16 },
]
const everything: StreamRedactorOptions = { secrets: true, personalData: personalDataKinds, patterns }
const detectors: readonly Detector[] = [
  ...secretDetectors(),
  ...personalDataDetectors(personalDataKinds as readonly PersonalDataKind[]),
  ...patternDetectors(patterns),
]

/** Findings in the whole text at once. */
const findingsOf = (text: string) =>
  detectors.flatMap((detector) =>
    [...detector.find(text, 0)].map(({ rule, start, end, replacement }) => ({
      rule,
      span: { start, end },
      replacement,
    })),
  )

function streamed(text: string, cuts: readonly number[], options = everything) {
  const redactor = new StreamRedactor(options)
  let [out, at, maxHeld] = ['', 0, 0]
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const end = Math.min(cut, text.length)
    out += redactor.push(text.slice(at, end))
    maxHeld = Math.max(maxHeld, redactor.held)
    at = end
  }
  out += redactor.push(text.slice(at))
  maxHeld = Math.max(maxHeld, redactor.held)
  return { out: out + redactor.end(), found: redactor.found, maxHeld }
}

const glue = [
  '',
  ' ',
  '\n',
  '-',
  '.',
  ':',
  '=',
  '@',
  '+',
  '://',
  '\\n',
  '(',
  ')',
  '"',
  '，',
  '的',
  '😀',
  '\ud83d',
  '-----',
  ' 12',
  'x',
  '0',
]
const words = [
  'the',
  'project-blue',
  'fox',
  'foxes',
  'api_key',
  'password',
  'Authorization: Bearer ',
  '-----BEGIN ',
  '护照',
  'order',
  'version ',
  '4111',
  '138',
  'eyJ',
  'sk-',
]
const piece = fc.oneof(
  fc.constantFrom(...samples.map(({ text }) => text)),
  fc
    .constantFrom(...samples.map(({ text }) => text))
    .chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))),
  fc.constantFrom(...words),
  fc.string({ unit: fc.constantFrom(...'aB1 -_.@+:=/'), maxLength: 20 }),
  fc
    .constantFrom(...'aA1 -=')
    .chain((character) => fc.integer({ min: 30, max: 700 }).map((times) => character.repeat(times))),
)
const text = fc
  .array(fc.tuple(piece, fc.constantFrom(...glue)), { maxLength: 12 })
  .map((pieces) => pieces.flat().join(''))

/** Includes lone surrogates. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))

describe('a text that is redacted while it is written', () => {
  it('comes out as the whole text does, wherever it is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(2000), { maxLength: 40 }), (whole, cuts) => {
        const { out, found } = streamed(whole, cuts)
        const findings = findingsOf(whole)
        expect(out).toBe(redact(whole, findings))
        expect(found).toEqual(redactionsOf(findings))
      }),
      { numRuns: runs(500, 1500) },
    )
  })

  it('comes out so where one secret ends with the name of the next', () => {
    const key = `q8Zr3LkT1vXw9NbE5m${'Yc7HdG2sPa4RuJ'}`
    const whole = `Authorization: Bearer ${key}API_KEY="${key}" and more`
    const expected = 'Authorization: Bearer [secret]"[secret]" and more'
    expect(redact(whole, findingsOf(whole))).toBe(expected)
    expect(streamed(whole, []).out).toBe(expected)
    expect(streamed(whole, [whole.indexOf('"') + 1]).out).toBe(expected)
  })

  it('comes out the same character by character', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const { out } = streamed(
          whole,
          Array.from({ length: whole.length }, (_, at) => at),
        )
        expect(out).toBe(redact(whole, findingsOf(whole)))
      }),
      { numRuns: runs(25, 60) },
    )
  })

  it('comes out unchanged where nothing is found', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(100)), (whole, cuts) => {
        fc.pre(findingsOf(whole).length === 0)
        expect(streamed(whole, cuts)).toMatchObject({ out: whole, found: [] })
      }),
    )
  })

  it('holds back no more than it says, whatever is written', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const every = Array.from({ length: whole.length }, (_, at) => at)
        expect(streamed(whole, every).maxHeld).toBeLessThanOrEqual(601)
      }),
      { numRuns: 25 },
    )
  })

  it('holds back the last word of prose', () => {
    const redactor = new StreamRedactor({ secrets: true, personalData: true })
    expect(redactor.push('Call me tomorr')).toBe('Call me ')
    expect(redactor.push('ow, 张三说')).toBe('tomorrow, 张三说')
    expect(redactor.held).toBe(0)
  })

  it('says a private key is there before it ends, and swallows the rest, however long', () => {
    const key = `-----BEGIN ${'RSA PRIVATE'} KEY-----\n${'MIIEowIBAAKCAQEA\n'.repeat(500)}-----END ${'RSA PRIVATE'} KEY-----`
    const redactor = new StreamRedactor({ secrets: true })
    let out = ''
    for (const part of `${key}\nDone.`.match(/[\s\S]{1,7}/g)!) {
      out += redactor.push(part)
      expect(redactor.held).toBeLessThanOrEqual(100)
    }
    expect(out + redactor.end()).toBe('[private key]\nDone.')
    expect(redactor.found).toEqual([
      { rule: 'secret.private_key', span: { start: 0, end: key.length }, replacement: '[private key]' },
    ])
  })

  it('swallows the rest of a key while a pattern of a user holds its beginning back', () => {
    const key = `-----BEGIN ${'PRIVATE'} KEY-----\n${'a'.repeat(30)}${' '.repeat(231)}b`
    const every = Array.from({ length: key.length }, (_, at) => at)
    const patterns = [{ name: 'fox', pattern: 'fox' }]
    expect(streamed(key, every, { secrets: true, patterns }).out).toBe('[private key]')
  })

  it('finds a token after an escape, wherever what is held back begins', () => {
    const token = `AKIA${'IOSFODNN7QZ4TKVB'}`
    const whole = `${token}\\n${token} ${'-x '.repeat(100)}`
    const every = Array.from({ length: whole.length }, (_, at) => at)
    const patterns = [{ name: 'fox', pattern: 'fox' }]
    expect(streamed(whole, every, { secrets: true, patterns }).out).toBe(whole.replaceAll(token, '[aws key]'))
  })

  it('finds no match of a pattern within the one before it, wherever what is held back begins', () => {
    const whole = `project-blueproject-blue 12${'a'.repeat(300)}`
    const every = Array.from({ length: whole.length }, (_, at) => at)
    const expected = `<project>ect-blue 12${'a'.repeat(300)}`
    expect(redact(whole, findingsOf(whole))).toBe(expected)
    expect(streamed(whole, every).out).toBe(expected)
  })

  it('begins again after its end', () => {
    const redactor = new StreamRedactor({ personalData: ['email'] })
    expect(redactor.push('a@b.co') + redactor.end()).toBe('[email]')
    expect(redactor.push('m is no domain, c@d.eu') + redactor.end()).toBe('m is no domain, [email]')
    expect(redactor.found.map(({ span }) => span)).toEqual([
      { start: 0, end: 6 },
      { start: 22, end: 28 },
    ])
  })
})

it.each(detectors.map((detector, index) => [index, detector] as const))(
  'detector %i looks back no further than the context that is kept',
  (_, detector) => {
    fc.assert(
      fc.property(text, fc.nat(1500), (whole, from) => {
        const cut = Math.max(0, from - contextLength)
        const open = detector.openFrom(whole.slice(0, from), 0)
        fc.pre(open === Math.min(from, whole.length))
        const all = [...detector.find(whole, from)].filter(({ start }) => start >= from)
        const some = [...detector.find(whole.slice(cut), from - cut)]
          .filter(({ start }) => start >= from - cut)
          .map(({ start, end, ...rest }) => ({ ...rest, start: start + cut, end: end + cut }))
        expect(some).toEqual(all)
      }),
      { numRuns: runs(60, 150) },
    )
  },
)
