import { describe, expect, it } from 'vitest'
import { readStructuredLine } from './structured-line.ts'

const at = Date.parse('2026-11-29T14:02:03Z')

describe('readStructuredLine', () => {
  it.each([
    ['{"level":50,"time":1795960923000,"msg":"boom"}', 'boom'],
    ['{"level":"error","ts":1795960923.0,"msg":"boom","error":"it broke"}', 'boom\nit broke'],
    ['{"log":"boom\\n","stream":"stderr","time":"2026-11-29T14:02:03.000000000Z"}', 'boom'],
    ['{"MESSAGE":"boom","__REALTIME_TIMESTAMP":"1795960923000000"}', 'boom'],
    ['{"MESSAGE":[98,111,111,109],"__REALTIME_TIMESTAMP":"1795960923000000"}', 'boom'],
    [
      '{"@timestamp":"2026-11-29T14:02:03Z","message":"engine exited","code":137,"signal":"SIGKILL","host":"h"}',
      'engine exited code=137 signal=SIGKILL',
    ],
    [
      '{"time":"2026-11-29T14:02:03Z","err":{"type":"Error","message":"boom","stack":"Error: boom\\n    at f (a.js:1:1)"},"msg":"failed"}',
      'failed\nError: boom\n    at f (a.js:1:1)',
    ],
    ['time="2026-11-29T14:02:03Z" level=error msg="boom \\"x\\"" error="it broke"', 'boom "x": it broke'],
    ['ts=2026-11-29T14:02:03Z level=error msg=boom', 'boom'],
  ])('%s', (line, text) => {
    expect(readStructuredLine(line)).toEqual({ text, stamp: { clock: 'zoned', millis: at }, isCalm: false })
  })

  it.each([
    '{"step":1,"loss":2.5}',
    '{"a":',
    '{}',
    '{not json}',
    'level=error',
    'boom',
    '{"msg":{}}',
    '{"msg":null,"time":5}',
  ])('is no message: %s', (line) => {
    expect(readStructuredLine(line)).toBeUndefined()
  })

  it.each(['{"level":30,"msg":"a"}', '{"level":"debug","msg":"a"}', 'level=info msg=a'])(
    'is calm: %s',
    (line) => {
      expect(readStructuredLine(line)?.isCalm).toBe(true)
    },
  )

  it('leaves out what users said', () => {
    expect(readStructuredLine('{"msg":"request","prompt":"CUDA out of memory"}')?.text).toBe('request')
  })
})
