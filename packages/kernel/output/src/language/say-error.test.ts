import { HadalError, parseBytes } from '@hadal/base'
import { configInvalid } from '@hadal/config'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { recordingTerminal } from '../../../../apps/cli/test/recording-terminal.ts'
import { reportError } from '../report-error.ts'
import { sayError } from './say-error.ts'
import { speak } from './speak.ts'

beforeEach(() => speak('zh'))
afterEach(() => speak('en'))

function thrown(run: () => void): HadalError {
  try {
    run()
  } catch (error) {
    return error as HadalError
  }
  throw new Error('nothing was thrown')
}

it('is said with its values, its reasons, and what to do', () => {
  const terminal = recordingTerminal()
  reportError(
    thrown(() => parseBytes('much')),
    terminal,
  )
  expect(terminal.noted).toEqual([
    'error[invalid_unit]: "much" 不是大小',
    '建议： 大小写成 512MiB 或 4GiB，时长写成 250ms、30s 或 5m。',
  ])
  const issues = ['--port: "x" is not a whole number from 0 to 65535', 'what nobody translated']
  expect(sayError(configInvalid(issues)).message).toBe(
    '有 2 项设置有误\n  --port: "x" 不是从 0 到 65535 的整数\n  what nobody translated',
  )
})

it('keeps its English where its values are not known, and says what to do all the same', () => {
  const error = thrown(() => parseBytes('much'))
  const bare = new HadalError(error.message, error)
  expect(sayError(bare)).toEqual({ message: '"much" is not a size', help: sayError(error).help })
  expect(sayError(new HadalError('m', { code: 'of_nobody', status: 500, help: 'h' }))).toMatchObject({
    message: 'm',
    help: 'h',
  })
})
