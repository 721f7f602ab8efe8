import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@hadal/base'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startedEvent, stepEvent } from '../../test/tiny-events.ts'
import { crc32c, maskedCrc32c } from './crc32c.ts'
import { eventRecord } from './event-record.ts'
import { tensorboardLog } from './tensorboard-log.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-board-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Field {
  readonly number: number
  readonly value: number | bigint | Uint8Array
}

/** Any message of protocol buffers, by the format's own rules. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number): number => {
    at += length
    return at - length
  }
  while (at < bytes.length) {
    const key = varint()
    const number = key >>> 3
    const type = key & 7
    if (type === 0) fields.push({ number, value: varint() })
    else if (type === 1) fields.push({ number, value: view.getFloat64(take(8), true) })
    else if (type === 5) fields.push({ number, value: view.getFloat32(take(4), true) })
    else {
      const length = varint()
      const from = take(length)
      fields.push({ number, value: bytes.subarray(from, from + length) })
    }
  }
  return fields
}

/** The events of a file, each checked against its two checksums. */
function eventsOf(bytes: Uint8Array): Field[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const events: Field[][] = []
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true))
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)))
    const data = bytes.subarray(at + 12, at + 12 + length)
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc32c(data))
    events.push(fieldsOf(data))
    at += 16 + length
  }
  return events
}

const value = (fields: readonly Field[], number: number): Field['value'] | undefined =>
  fields.find((field) => field.number === number)?.value
const textOf = (bytes: unknown): string => new TextDecoder().decode(bytes as Uint8Array)

function scalarsOf(event: readonly Field[]): Record<string, number> {
  const summary = value(event, 5)
  if (summary === undefined) return {}
  return Object.fromEntries(
    fieldsOf(summary as Uint8Array).map(({ value: each }) => {
      const fields = fieldsOf(each as Uint8Array)
      return [textOf(value(fields, 1)), value(fields, 2) as number]
    }),
  )
}

describe('crc32c', () => {
  it('has the values of RFC 3720', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e)
  })
})

describe('an event', () => {
  it('says what it was given, whatever that is', () => {
    const tags = fc.dictionary(fc.string({ minLength: 1 }), fc.float({ noNaN: true }), { maxKeys: 6 })
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.double({ noNaN: true }), tags, (step, wallTime, scalars) => {
        const [event] = eventsOf(eventRecord({ step, wallTime, scalars }))
        expect(value(event!, 1)).toBe(wallTime)
        expect(value(event!, 2)).toBe(step)
        expect(scalarsOf(event!)).toEqual({ ...scalars })
      }),
    )
  })
})

describe('a run', () => {
  it('writes a file of its own, with what it measured', () => {
    const clock = new ManualClock()
    const log = tensorboardLog(folder, clock)
    log(startedEvent({ step: 0, totalSteps: 2 }))
    const layerNorms = new Map([
      ['layers.0', 0.25],
      ['norm', 4],
    ])
    const step = stepEvent({
      totalSteps: 2,
      epoch: 0,
      learningRate: 0.5,
      tokens: 100,
      seconds: 0.5,
      layerNorms,
      expertImbalance: 1.5,
      memoryBytes: 2 ** 24,
    })
    log({ ...step, step: 1, loss: 3, gradientNorm: 1 })
    log({ type: 'evaluated', step: 1, loss: 2.5, seconds: 1 })
    const [file, ...others] = readdirSync(folder)
    expect(others).toEqual([])
    expect(file).toMatch(/^events\.out\.tfevents\.\d{10}\./)
    const [header, start, trained, evaluated] = eventsOf(readFileSync(join(folder, file!)))
    expect(textOf(value(header!, 3))).toBe('brain.Event:2')
    expect(fieldsOf(value(start!, 7) as Uint8Array)).toEqual([{ number: 1, value: 1 }])
    expect(value(trained!, 2)).toBe(1)
    expect(scalarsOf(trained!)).toEqual({
      'loss/train': 3,
      'optimizer/learning_rate': 0.5,
      'optimizer/gradient_norm': 1,
      'speed/tokens_per_second': 200,
      'speed/memory_mib': 16,
      'experts/imbalance': 1.5,
      epoch: 0,
      'gradient_norm/layers.0': 0.25,
      'gradient_norm/norm': 4,
    })
    expect(scalarsOf(evaluated!)).toEqual({ 'loss/valid': 2.5 })
  })

  it('that goes on takes back what came after its checkpoint', () => {
    const log = tensorboardLog(folder)
    log(startedEvent({ step: 0, totalSteps: 9 }))
    log(startedEvent({ step: 5, totalSteps: 9 }))
    const files = readdirSync(folder).sort()
    expect(files).toHaveLength(2)
    const start = eventsOf(readFileSync(join(folder, files[1]!)))[1]!
    expect([value(start, 2), fieldsOf(value(start, 7) as Uint8Array)[0]!.value]).toEqual([6, 1])
  })

  it('takes back what the divergence guard undid, and counts its interventions', () => {
    const log = tensorboardLog(folder)
    log(startedEvent({ step: 0, totalSteps: 9 }))
    log({
      type: 'decision',
      number: 2,
      step: 3,
      failedStep: 6,
      layer: 'norm',
      batch: 'windows 1',
      rateFactor: 0.25,
      message: 'rolled back to step 3',
    })
    const [, , start, counted] = eventsOf(readFileSync(join(folder, readdirSync(folder)[0]!)))
    expect([value(start!, 2), fieldsOf(value(start!, 7) as Uint8Array)[0]!.value]).toEqual([4, 1])
    expect(value(counted!, 2)).toBe(3)
    expect(scalarsOf(counted!)).toEqual({ 'guard/interventions': 2, 'guard/rate_factor': 0.25 })
  })
})
