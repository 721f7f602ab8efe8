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
  ['60 * * * *', 'no minute: it is from 0 to 59'],
  ['* 24 * * *', 'no hour'],
  ['* * 0 * *', 'no day of month'],
  ['* * * 13 *', 'no month'],
  ['* * * * 7', 'no day of week'],
  ['5-1 * * * *', '5 is after 1'],
  ['*/0 * * * *', 'the step'],
  ['a * * * *', 'no minute'],
  ['1-2-3 * * * *', 'no minute'],
  ['@often', 'no known word'],
  ['TZ=UTC * * * * *', 'time zone'],
])('%s: %s', (schedule, why) => expect(scheduleIssue(schedule)).toContain(why))
