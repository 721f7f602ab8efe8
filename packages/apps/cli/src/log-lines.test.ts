import { defineError } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { recordingTerminal } from '../test/recording-terminal.ts'
import { logLines } from './log-lines.ts'

const broken = defineError({
  code: 'test_log_broken',
  status: 500,
  when: 'A test says so.',
  message: () => 'two things',
  help: 'Mend it.',
})

describe('log lines as JSON', () => {
  it('are objects, one per line, with all logged fields', () => {
    const terminal = recordingTerminal()
    const logger = logLines(terminal, 'info', 'json')
    logger.debug('hidden')
    logger.warn('slow\nindeed', {
      millis: 5,
      error: broken(),
      cause: new Error('odd'),
      none: undefined,
      list: [1n],
    })
    expect(terminal.noted).toHaveLength(1)
    expect(terminal.noted[0]).not.toContain('\n')
    expect(JSON.parse(terminal.noted[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: 'slow\nindeed',
      millis: 5,
      error: { code: 'test_log_broken', message: 'two things', status: 500, help: 'Mend it.' },
      cause: { message: 'odd' },
      list: ['1'],
    })
  })

  it('keep their own fields, and are written whatever is in them', () => {
    const terminal = recordingTerminal()
    const logger = logLines(terminal, 'info', 'json')
    const round: { self?: object } = {}
    round.self = round
    logger.info('one', { level: 9, msg: 'other' })
    logger.error('two', { round })
    const [one, two] = terminal.noted.map((line) => JSON.parse(line))
    expect(one).toMatchObject({ level: 'info', msg: 'one', level_: 9, msg_: 'other' })
    expect(two).toMatchObject({ level: 'error', msg: 'two', fields: expect.stringContaining('circular') })
  })
})
