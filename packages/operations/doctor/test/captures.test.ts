import { type Capture, parseCapture, type RawReading, redactCapture } from '@hadal/doctor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captureOf } from './capture-of.ts'

const nobody = { secrets: [] }
const clean = (text: string, known: Parameters<typeof redactCapture>[1] = nobody): string =>
  redactCapture({ version: 1, takenAt: 1, readings: { s: { text } } }, known).readings.s?.text ?? ''

/** Built from pieces, so that no scanner takes this file for a leak. */
const random = ['xK3p9', 'Lw2Qm', '7Tv4Z', 's8Nb1'].join('')

describe('without secrets', () => {
  it.each([
    ['postgres://me:hush@db/x', 'postgres://me:hidden@db/x'],
    [`Authorization: Bearer ${random}`, 'Authorization: Bearer hidden'],
    [`hadal serve --api-keys ${random} --port 80`, 'hadal serve --api-keys hidden --port 80'],
    [`HF_TOKEN=${random} python`, 'HF_TOKEN=hidden python'],
    [`export OPENAI_API_KEY="${random} x"`, 'export OPENAI_API_KEY=hidden'],
    [`a sk-${random} b`, 'a hidden b'],
    [`a hf_${random} b`, 'a hidden b'],
    ['-----BEGIN RSA PRIVATE ' + 'KEY-----\nMII\n-----END RSA PRIVATE ' + 'KEY-----', 'hidden'],
    ['/home/ada/models and /Users/ada/x', '/home/user/models and /Users/user/x'],
    [
      `{"env":[{"name":"API_KEY","value":"${random}"},{"name":"PORT","value":"80"}]}`,
      '{"env":[{"name":"API_KEY","value":"hidden"},{"name":"PORT","value":"80"}]}',
    ],
    [
      '{"password":"x","maxTokens":"5","promptTokens":7,"keyFile":"k.pem"}',
      '{"password":"hidden","maxTokens":"5","promptTokens":7,"keyFile":"k.pem"}',
    ],
    [
      '{"apiKeys":["a","b"],"keys":["x"],"token":{"of":"y","n":1}}',
      '{"apiKeys":["hidden","hidden"],"keys":["x"],"token":{"of":"hidden","n":1}}',
    ],
    ['MemTotal:       24684096 kB\nMax open files 1024', 'MemTotal:       24684096 kB\nMax open files 1024'],
  ])('%s becomes %s', (text, expected) => {
    expect(clean(text)).toBe(expected)
  })

  it('names of the user, the home and the machine are taken out as whole words', () => {
    const known = { secrets: [], user: 'ada', host: 'box-7', home: '/data/ada' }
    expect(clean('ada@box-7 /data/ada/x adamant box-70', known)).toBe('user@host /home/user/x adamant box-70')
    expect(clean('root and node', { secrets: [], user: 'root', host: 'node' })).toBe('root and node')
  })

  const secret = fc
    .stringMatching(/^[\w!"$%&/()=?+*~#'\\,.;:<>|@-]{8,40}$/)
    .filter((text) => !/^(hidden|user|host)/.test(text) && !'"hidden"'.includes(text))
  const around = fc.string({ maxLength: 20 })

  it('no known secret is in what is kept, wherever it stood', () => {
    fc.assert(
      fc.property(
        secret,
        around,
        around,
        fc.constantFrom('plain', 'json', 'field', 'name', 'failed'),
        (mark, before, after, place) => {
          const text = `${before}${mark}${after}`
          const reading: RawReading =
            place === 'plain'
              ? { text }
              : place === 'json'
                ? { text: JSON.stringify({ a: [{ b: text }] }) }
                : place === 'field'
                  ? { text: JSON.stringify({ [mark]: 1, apiKey: mark }) }
                  : place === 'name'
                    ? { text: `{"cut":"${JSON.stringify(text).slice(1, -1)}` }
                    : { failed: 'exited', detail: text, text }
          const kept = JSON.stringify(
            redactCapture({ version: 1, takenAt: 1, readings: { s: reading } }, { secrets: [mark] }),
          )
          expect(kept).not.toContain(mark)
          expect(kept).not.toContain(JSON.stringify(mark).slice(1, -1))
        },
      ),
    )
  })

  it('a machine is judged alike: what checks read stays', () => {
    const capture = captureOf()
    expect(redactCapture(capture, { secrets: ['s3cr3t-value'], user: 'ada', host: 'box' })).toEqual(capture)
  })

  it('takes time in proportion to a text, whatever it is', () => {
    const hostile = [
      '-----BEGIN PRIVATE KEY-----'.repeat(4000),
      `${'a://'.repeat(30_000)}`,
      `${'key='.repeat(30_000)}`,
      '--token-'.repeat(15_000),
      'eyJaaaaaaaa.'.repeat(10_000),
      'KEY'.repeat(40_000),
    ]
    for (const text of hostile) clean(text)
  })
})

describe('a capture that was kept', () => {
  it('is read again as it was', () => {
    const capture: Capture = {
      version: 1,
      takenAt: 5,
      readings: {
        a: { text: 'x', isCut: true },
        b: { failed: 'timed-out', detail: 'd', text: 't' },
        c: { text: '' },
      },
    }
    expect(parseCapture(`\ufeff${JSON.stringify(capture)}`, 'f')).toEqual(capture)
  })

  it('of odd readings keeps those that are some', () => {
    const readings = {
      a: { text: 5 },
      b: null,
      c: { failed: 'odd' },
      d: { failed: 'absent' },
      e: { text: 'x', more: 1 },
    }
    expect(parseCapture(JSON.stringify({ version: 1, takenAt: 5, readings }), 'f').readings).toEqual({
      d: { failed: 'absent', detail: 'absent' },
      e: { text: 'x' },
    })
  })

  it.each([
    ['no json', /f\.json is not a capture: it is not valid JSON \(Unexpected token 'o', "no json" is not/],
    ['[]', /f\.json is not a capture: it must be a JSON object/],
    ['{"version":2}', /version is 2/],
    ['{"version":1,"takenAt":"x"}', /no time of capture/],
    ['{"version":1,"takenAt":1e300}', /no time of capture/],
    ['{"version":1,"takenAt":1,"readings":[]}', /no readings/],
  ])('%s is none', (text, why) => {
    expect(() => parseCapture(text, 'f.json')).toThrow(
      expect.objectContaining({ code: 'doctor_capture_invalid', message: expect.stringMatching(why) }),
    )
  })

  it('or whatever else a file holds: it is read, or refused with that code', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          expect(parseCapture(text, 'f').version).toBe(1)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'doctor_capture_invalid' })
        }
      }),
    )
  })
})
