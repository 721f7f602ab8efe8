import { describe, expect, it } from 'vitest'
import { readTexts } from './read-texts.ts'

const times = (texts: readonly string[], now?: string): readonly (readonly (string | undefined)[])[] =>
  readTexts(
    texts.map((text, index) => ({ name: String(index), text })),
    now === undefined ? undefined : Date.parse(now),
  ).map(({ lines }) => lines.map(({ at }) => (at === undefined ? undefined : new Date(at).toISOString())))

describe('setTimes', () => {
  it('takes the year of dates without one from other lines, else from now', () => {
    const line = 'Dec 31 23:59:59 h kernel: x'
    expect(times([line, '2026-01-01T00:00:09Z y'])[0]).toEqual(['2025-12-31T23:59:59.000Z'])
    expect(times([line], '2026-06-01')[0]).toEqual(['2025-12-31T23:59:59.000Z'])
    expect(times([line], '2026-12-31T23:00:00Z')[0]).toEqual(['2026-12-31T23:59:59.000Z'])
    expect(times([line])[0]).toEqual([undefined])
  })

  it('takes the start of the machine from the same line in the journal', () => {
    const [dmesg] = times([
      '[  100.000000] NVRM: loading module\n[  160.000000] other',
      '2026-11-29T14:00:00+00:00 h kernel: NVRM: loading module',
    ])
    expect(dmesg).toEqual(['2026-11-29T14:00:00.000Z', '2026-11-29T14:01:00.000Z'])
  })

  it('takes it from the clock that the kernel read, and from the last audit line rather than the first', () => {
    const clock =
      '[    1.000000] rtc_cmos 00:00: setting system clock to 2026-11-29T14:00:01 UTC (1795960801)'
    expect(times([clock])[0]).toEqual(['2026-11-29T14:00:01.000Z'])
    const audit = '[  101.000000] audit: type=1400 audit(1795960902.000:5): apparmor'
    expect(times([`${clock}\n${audit}`])[0]![1]).toBe('2026-11-29T14:01:42.000Z')
  })

  it('says what it took the times for', () => {
    const notes = readTexts(
      [
        { name: 'a', text: '[    1.000000] x' },
        { name: 'b', text: '2026-11-29 14:00:00 x' },
        { name: 'c', text: '2026-11-29 14:00:00Z x' },
        { name: 'e', text: '5m  Warning  BackOff  pod/a  x', takenAt: Date.parse('2026-11-29T14:00:00Z') },
        { name: 'd', text: '[    1.000000] x', bootAt: Date.parse('2026-11-29T14:00:00Z') },
      ],
      0,
    ).map(({ clockNotes }) => clockNotes)
    expect(notes).toEqual([
      ['timestamps are relative to boot, and the boot time is unknown'],
      ['timestamps without a zone are read as UTC'],
      [],
      ['ages are relative to the time of writing'],
      ['timestamps are relative to boot, 2026-11-29T14:00:00Z according to the capture'],
    ])
  })
})
