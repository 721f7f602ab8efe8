import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseNvidiaSmi } from './parse-nvidia-smi.ts'
import { numberOf, parseSmiTable, yesOf } from './smi-table.ts'

const uuid = 'GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77'
const header = 'index, name, power.draw [W], clocks_throttle_reasons.active, uuid'
const row = `0, NVIDIA A100, 71.54 W, 0x0000000000000001, ${uuid}`

/** What tables and logs are made of, and what they are not. */
const character: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...'\n\r\t \u0000\u001B\uFEFF\uD800é°",;:[]()=0'.split('')),
  fc.string({ minLength: 1, maxLength: 1 }),
)

describe('parseNvidiaSmi', () => {
  it('reads each GPU by the newest names of fields, without units', () => {
    const { gpus, unreadable, trouble, warnings } = parseNvidiaSmi(`${header}\n${row}\n`)
    expect([unreadable, trouble, warnings]).toEqual([[], undefined, []])
    expect(gpus.map(({ label, index }) => [label, index])).toEqual([['GPU 0', 0]])
    expect([...gpus[0]!.cells.keys()]).toEqual([
      'index',
      'name',
      'power.draw',
      'clocks_event_reasons.active',
      'uuid',
    ])
    expect(numberOf(gpus[0]!.cells.get('power.draw'))).toBe(71.54)
  })

  it('keeps what does not fit its header as unreadable', () => {
    const cut = row.slice(0, -3)
    for (const bad of [cut, '0, NVIDIA', `${row}, more`, '0'])
      expect(parseNvidiaSmi(`${header}\n${bad}\n${row}\n`)).toMatchObject({ gpus: [{}], unreadable: [bad] })
  })

  it('takes a last line without an end for cut, unless its last cell is whole by itself', () => {
    const table = 'index, temperature.gpu\n0, 34\n1, 9'
    expect(parseNvidiaSmi(table)).toMatchObject({ gpus: [{ index: 0 }], unreadable: ['1, 9'] })
    expect(parseNvidiaSmi(`${header}\n${row}`)).toMatchObject({ gpus: [{ index: 0 }], unreadable: [] })
  })

  it('takes warnings for no GPUs, wherever they stand', () => {
    const warning = 'WARNING: infoROM is corrupted at gpu 0000:3B:00.0'
    expect(parseNvidiaSmi(`${warning}\n${header}\n${row}\n${warning}\n`)).toMatchObject({
      gpus: [{ index: 0 }],
      unreadable: [],
      warnings: [warning, warning],
    })
  })

  it('labels a GPU without an index by its uuid', () => {
    for (const said of ['[N/A]', '-1', '1.5', 'x'])
      expect(parseNvidiaSmi(`${header}\n${row.replace('0', said)}\n`).gpus[0]).toMatchObject({
        label: uuid,
        index: undefined,
      })
  })

  it('a cell that says that the GPU is lost is a trouble', () => {
    expect(parseNvidiaSmi(`${header}\n${row.replace('71.54 W', '[GPU is lost]')}\n`).trouble?.id).toBe('lost')
  })

  it('reads any text, and makes no more GPUs than lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), fc.boolean(), (text, withHeader) => {
        const whole = withHeader ? `${header}\n${text}` : text
        const { gpus, unreadable } = parseNvidiaSmi(whole)
        expect(gpus.length + unreadable.length).toBeLessThanOrEqual(whole.split(/\r\n|\n|\r/).length)
      }),
    )
  })
})

describe('cells', () => {
  const cell = (text: string): ReturnType<typeof numberOf> => numberOf({ state: 'value', text })

  it.each([
    ['81559 MiB', 81559],
    ['71,54 W', 71.54],
    ['34', 34],
    ['-3', -3],
    ['0 %', 0],
  ])('%s is a number', (text, number) => expect(cell(text)).toBe(number))

  it.each(['0x', 'x', '1e9', '1 2', '', 'NaN', '9'.repeat(20), '1.234.567'])('%j is none', (text) =>
    expect(cell(text)).toBeUndefined(),
  )

  it('say yes, no, or neither', () => {
    const yes = (text: string): boolean | undefined => yesOf({ state: 'value', text })
    expect(['Enabled', 'Yes', '1', 'Active'].map(yes)).toEqual([true, true, true, true])
    expect(['Disabled', 'No', '0', 'None', 'Not Active'].map(yes)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
    expect(['Ja', 'Aktiviert', '', '-1'].map(yes)).toEqual([undefined, undefined, undefined, undefined])
    expect(yesOf(undefined)).toBeUndefined()
  })

  it('are values, not there, or not readable', () => {
    const states = (text: string): string[] =>
      parseSmiTable(`index, a\n0, ${text}\n`, 'index').rows.map((each) => each.get('a')!.state)
    for (const text of ['[N/A]', 'N/A', '[Not Supported]'])
      expect(states(text), text).toEqual(['unsupported'])
    for (const text of ['ERR!', '[Unknown Error]', '[GPU is lost]', '[Insufficient Permissions]'])
      expect(states(text), text).toEqual(['unreadable'])
    expect(states('None')).toEqual(['value'])
  })
})
