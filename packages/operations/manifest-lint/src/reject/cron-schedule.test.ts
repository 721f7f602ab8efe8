import { expect, test } from 'vitest'
import { scheduleIssue } from './cron-schedule.ts'

test.each([
  '* * * * *',
  '*/5 0-23/2 1,15 JAN-mar mon-FRI',
  '0 0 ? * 0',
  '59 23 31 12 6',
  '5/15 * * * *',
  '@daily',
  '@every 1h30m',
])('%s', (schedule) => expect(scheduleIssue(schedule)).toBeUndefined())

test.each([
  ['* * * *', 'has 4 fields'],
  ['* * * * * *', 'has 6 fields'],
  ['60 * * * *', 'is not a valid minute: it must be from 0 to 59'],
  ['* 24 * * *', 'is not a valid hour'],
  ['* * 0 * *', 'is not a valid day of month'],
  ['* * * 13 *', 'is not a valid month'],
  ['* * * * 7', 'is not a valid day of week'],
  ['5-1 * * * *', '5 is greater than 1'],
  ['*/0 * * * *', 'the step'],
  ['a * * * *', 'is not a valid minute'],
  ['1-2-3 * * * *', 'is not a valid minute'],
  ['@often', 'is unknown; use @hourly'],
  ['TZ=UTC * * * * *', 'time zone'],
])('%s: %s', (schedule, why) => expect(scheduleIssue(schedule)).toContain(why))
