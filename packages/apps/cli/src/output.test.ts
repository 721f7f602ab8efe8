import { defineError } from '@hadal/base'
import type { ModelProgress } from '@hadal/engine'
import { createStyle, formatTable, reportError, visibleLength, wantsColor } from '@hadal/output'
import { describe, expect, it } from 'vitest'
import { recordingTerminal } from '../test/recording-terminal.ts'
import { logLines } from './log-lines.ts'
import { modelProgressLines } from './model-progress-lines.ts'
import { startUpLog } from './start-up-log.ts'

describe('colour', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { TERM: 'dumb' }, false],
  ])('on a terminal %s with %j: %s', (isTerminal, env, wanted) => {
    expect(wantsColor(isTerminal, env)).toBe(wanted)
  })

  it('takes no room', () => {
    const { bold, red } = createStyle(true)
    expect(bold(red('abc'))).not.toBe('abc')
    expect(visibleLength(bold(red('abc')))).toBe(3)
    expect(createStyle(false).bold('abc')).toBe('abc')
  })
})

it('a table aligns what is seen', () => {
  const { red } = createStyle(true)
  expect(
    formatTable(
      [
        ['name', 'n'],
        ['b', red('100')],
      ],
      ['left', 'right'],
    ),
  ).toBe(`name    n\nb     ${red('100')}`)
})

const broken = defineError({
  code: 'test_broken',
  status: 500,
  when: 'A test says so.',
  message: () => 'two things\n  a\n  b',
  help: 'Mend it.',
})

describe('an error', () => {
  it('is printed with its code and its help', () => {
    const terminal = recordingTerminal()
    expect(reportError(broken(), terminal)).toBe(1)
    expect(terminal.noted).toEqual(['error[test_broken]: two things\n  a\n  b', 'help: Mend it.'])
    expect(terminal.printed).toEqual([])
  })

  it('that is unexpected is printed with its stack trace', () => {
    const terminal = recordingTerminal()
    expect(reportError(new Error('odd'), terminal)).toBe(1)
    expect(terminal.noted[0]).toBe('error[internal]: odd')
    expect(terminal.noted.join('\n')).toContain('output.test.ts')
  })
})

it('log lines have a time, a level and fields', () => {
  const terminal = recordingTerminal()
  const logger = logLines(terminal, 'info')
  logger.debug('hidden')
  logger.warn('slow', { millis: 5, path: 'a b', error: broken(), none: undefined, list: [1] })
  expect(terminal.noted).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d warn {2}slow millis=5 path="a b" error="test_broken: two things\\n {2}a\\n {2}b" list=\[1\]$/,
    ),
  ])
})

it('errors of a start wait until it has succeeded; other lines do not', () => {
  const terminal = recordingTerminal()
  const { logger, isUp } = startUpLog(logLines(terminal, 'info'))
  const messages = () => terminal.noted.map((line) => line.slice('00:00:00 '.length))
  logger.error('first')
  logger.warn('second')
  expect(messages()).toEqual(['warn  second'])
  isUp()
  logger.error('third')
  expect(messages()).toEqual(['warn  second', 'error first', 'error third'])
})

describe('a download', () => {
  const received = (receivedBytes: number): Extract<ModelProgress, { type: 'received' }> => ({
    type: 'received',
    file: 'm.gguf',
    receivedBytes,
    totalBytes: 4096,
    bytesPerSecond: 1024,
  })

  it('is a bar on a terminal', () => {
    const terminal = recordingTerminal({ isInteractive: true })
    const show = modelProgressLines(terminal)
    show(received(2048))
    show({ ...received(2048), totalBytes: undefined })
    const [bar, plain] = terminal.statuses
    expect(bar).toMatch(/^(█+)░+ {2}50 %, 2\.0 KiB of 4\.0 KiB, 1\.0 KiB\/s, 2\.0 s left$/)
    const [full, empty] = ['█', '░'].map((block) => bar!.split(block).length - 1)
    expect(Math.abs(full! - empty!)).toBeLessThanOrEqual(1)
    expect(bar!.length).toBeLessThan(80)
    expect(plain).toBe('2.0 KiB, 1.0 KiB/s')
  })

  it('of several files at once is one bar for all', () => {
    const terminal = recordingTerminal({ isInteractive: true })
    const show = modelProgressLines(terminal)
    show({ type: 'planned', folder: '/c', fileCount: 3, totalBytes: 8192, presentBytes: 2048 })
    show(received(1024))
    show({ ...received(1024), file: 'n.gguf' })
    expect(terminal.statuses.at(-1)).toContain('50 %, 4.0 KiB of 8.0 KiB, 2.0 KiB/s')
    show({ type: 'finished', file: 'n.gguf', sha256: 'ab', checked: true })
    show(received(2048))
    expect(terminal.statuses.at(-1)).toContain('62 %, 5.0 KiB of 8.0 KiB, 1.0 KiB/s')
  })

  it('is a line now and then elsewhere', () => {
    let now = 0
    const terminal = recordingTerminal()
    const show = modelProgressLines(terminal, () => now)
    for (now = 0; now <= 10_000; now += 1000) show(received(1024))
    expect(terminal.noted).toHaveLength(2)
    expect(terminal.noted[0]).toContain('25 %, 1.0 KiB of 4.0 KiB')
    expect(terminal.statuses).toEqual([])
  })

  it.each<[ModelProgress, string]>([
    [{ type: 'listing', source: 'https://hub/o/r' }, 'listing the files of https://hub/o/r'],
    [
      { type: 'chosen', file: 'm-Q4_K_M.gguf', among: 9 },
      'chose m-Q4_K_M.gguf of 9 models; append :QUANT to select another',
    ],
    [
      { type: 'planned', folder: '/c', fileCount: 3, totalBytes: 4096, presentBytes: 1024 },
      '3 files, 4.0 KiB (1.0 KiB already downloaded), go into /c',
    ],
    [{ type: 'verifying', file: 'm', totalBytes: 2048 }, 'verifying m, 2.0 KiB'],
    [{ type: 'waiting', pid: 7 }, 'process 7 is downloading the same model; waiting for it'],
    [
      { type: 'started', file: 'm', fileNumber: 2, fileCount: 3, totalBytes: 2048, resumedBytes: 1024 },
      'downloading m (file 2 of 3), 2.0 KiB, resuming at 1.0 KiB',
    ],
    [
      { type: 'started', file: 'm', fileNumber: 1, fileCount: 1, totalBytes: undefined, resumedBytes: 0 },
      'downloading m',
    ],
    [{ type: 'retrying', file: 'm', reason: 'cut', waitMillis: 1000 }, 'm: cut; retrying in 1.0 s'],
    [{ type: 'retrying', file: 'm', reason: 'spoilt', waitMillis: 0 }, 'm: spoilt; starting over'],
    [{ type: 'finished', file: 'm', sha256: 'ab', checked: true }, 'downloaded m, checksum matches'],
    [
      { type: 'finished', file: 'm', sha256: 'ab', checked: false },
      'downloaded m, SHA-256 ab (no reference to compare with)',
    ],
  ])('says %j', (event, line) => {
    const terminal = recordingTerminal()
    modelProgressLines(terminal)(event)
    expect(terminal.noted).toEqual([line])
  })
})

it('a log line is one line without colours of its own, whatever a client called its fields', () => {
  const terminal = recordingTerminal()
  const logger = logLines(terminal, 'debug')
  logger.debug('not known here: a\r\n12:00:00 error \u001b[31mb\u009b0m\u2028', { id: 'x\u007f\u009b' })
  expect(terminal.noted).toEqual([
    expect.stringMatching(
      /^\S+ debug not known here: a\\u000d\\u000a12:00:00 error \\u001b\[31mb\\u009b0m\\u2028 id="x\\u007f\\u009b"$/,
    ),
  ])
})
