import { describe, expect, it } from 'vitest'
import { readRunLine } from './read-run-line.ts'

describe('where metrics are served', () => {
  it('is nowhere, on this machine, or where it was said', () => {
    expect(readRunLine([]).metrics).toBeUndefined()
    expect(readRunLine(['--metrics-port', '9400']).metrics).toEqual({ host: '127.0.0.1', port: 9400 })
    expect(readRunLine(['--metrics-port=0', '--metrics-host', '::']).metrics).toEqual({ host: '::', port: 0 })
    expect(readRunLine(['--', '--metrics-port', 'mine']).metrics).toBeUndefined()
  })

  it.each([
    [['--metrics-port', '65536'], '--metrics-port must be a whole number from 0 to 65535, not 65536'],
    [['--metrics-port', 'http'], '--metrics-port must be'],
    [['--metrics-host', '0.0.0.0'], '--metrics-host requires --metrics-port'],
  ])('is refused: %s', (line, message) => {
    expect(() => readRunLine(line)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    )
  })
})
