import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RequestBody } from '../request-body.ts'
import { apart } from './code-request.ts'
import { copiedCode } from './copied-code.ts'

const onPosix = it.skipIf(process.platform === 'win32')

const awkward = `it's "quoted" \\ $HOME \`id\` \${x}\nJSON\n你好 😀 \u2028 </script>`
const body: RequestBody = {
  model: 'nano',
  messages: [
    { role: 'system', content: awkward },
    { role: 'user', content: 'Hi' },
  ],
  temperature: 0,
  min_p: 0.1,
  logprobs: true,
  response_format: { type: 'regex', pattern: '[a-z]+\\d' },
  stop: ['\n'],
}
const origin = 'http://127.0.0.1:8080'
const hasPython = spawnSync('python3', ['--version']).status === 0

/** As a curl command. */
function sentByShell(script: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-code-'))
  try {
    writeFileSync(join(folder, 'curl'), '#!/bin/sh\ncat\n', { mode: 0o755 })
    const { stdout } = spawnSync('sh', ['-c', script], {
      env: { PATH: `${folder}:${process.env.PATH}`, HADAL_API_KEY: 'key' },
      encoding: 'utf8',
    })
    return JSON.parse(stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('copied code', () => {
  onPosix('of a shell sends exactly what the page sends, whatever was said', () => {
    expect(sentByShell(copiedCode('curl', { origin, body, isStreamed: false }))).toEqual(body)
    expect(sentByShell(copiedCode('curl', { origin, body, isStreamed: true }))).toEqual({
      ...body,
      stream: true,
    })
  })

  it('has no key, but the place where it is', () => {
    for (const language of ['curl', 'typescript', 'python'] as const)
      expect(copiedCode(language, { origin, body, isStreamed: true })).toMatch(/HADAL_API_KEY/)
  })

  it('keeps what the SDKs know apart from what is passed on', () => {
    expect(Object.keys(apart(body).known)).toEqual(['model', 'messages', 'temperature', 'logprobs', 'stop'])
    expect(Object.keys(apart(body).extra)).toEqual(['min_p', 'response_format'])
  })

  it.skipIf(!hasPython)('of Python asks the SDK for the same', () => {
    const texts = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 40, seed: 1 })
    const odd: RequestBody = {
      ...body,
      messages: [...body.messages, ...texts.map((content) => ({ role: 'user', content }))],
      nested: { empty: [], none: null, yes: true, no: false, deep: [{ a: {} }] },
    }
    const code = copiedCode('python', { origin, body: odd, isStreamed: false })
    const harness = `
import json, sys, types
class Completions:
    def create(self, extra_body=None, **known):
        print(json.dumps({**known, **(extra_body or {})}))
        return types.SimpleNamespace(choices=[types.SimpleNamespace(message="")])
class OpenAI:
    def __init__(self, base_url, api_key):
        assert base_url == "${origin}/v1"
        self.chat = types.SimpleNamespace(completions=Completions())
sys.modules["openai"] = types.SimpleNamespace(OpenAI=OpenAI)
exec(compile(sys.stdin.buffer.read().decode("utf-8", "surrogatepass"), "copied", "exec"))
`
    const { stdout, stderr } = spawnSync('python3', ['-c', harness], { input: code, encoding: 'utf8' })
    expect(stderr).toBe('')
    const sent = JSON.parse(stdout.split('\n', 1)[0]!)
    expect(sent).toEqual(JSON.parse(JSON.stringify(odd)))
  })
})
