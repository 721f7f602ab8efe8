/** Config files in TypeScript, read by what was built. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { HadalProcess, serve } from '../../packages/apps/cli/test/hadal-process.ts'

const onPosix = it.skipIf(process.platform === 'win32')

const folder = mkdtempSync(join(tmpdir(), 'hadal-e2e-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

it('one that imports another is in force', async () => {
  write('keys.ts', "export const keys: readonly string[] = ['of-a-file']")
  const config = write(
    'hadal.config.ts',
    "import { defineService } from 'hadal'\nimport { keys } from './keys.ts'\nexport default defineService({ apiKeys: keys })",
  )
  const { hadal, url } = await serve('--config', config)
  await using _ = hadal
  const status = async (key: string) =>
    (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status
  expect([await status('of-a-file'), await status('other')]).toEqual([200, 401])
  expect(hadal.output).not.toContain('of-a-file')
})

it('is checked and shown', async () => {
  const config = write('shown.config.ts', 'export default { maxQueue: 7 }')
  await using check = new HadalProcess(['config', 'check', config])
  expect(await check.ended()).toMatchObject({ code: 0, output: `${config}: 1 setting, no errors\n` })
  await using show = new HadalProcess(['config', 'show', '--changed', '--config', config])
  expect((await show.ended()).output).toMatch(/maxQueue +7 +\S+shown\.config\.ts/)
  const bad = write('bad.config.ts', 'export default { maxQueues: 7, port: -1 }')
  await using refused = new HadalProcess(['config', 'check', bad])
  const { code, output } = await refused.ended()
  expect(code).toBe(2)
  expect(output).toContain('2 settings are invalid')
  expect(output).toContain('did you mean maxQueue?')
})

onPosix(
  'is in force again after SIGHUP, with what it imports, and no stream is dropped; one with faults is refused',
  async () => {
    const keys = (key: string): void => void write('live-keys.ts', `export const keys = ['${key}']`)
    keys('before')
    const config = write(
      'live.config.ts',
      "import { keys } from './live-keys.ts'\nexport default { apiKeys: keys }",
    )
    const { hadal, url } = await serve('--config', config)
    await using _ = hadal
    const ask = (key: string, path = 'models', body?: unknown) =>
      fetch(`${url}/v1/${path}`, {
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      })
    const streams = await Promise.all(
      Array.from({ length: 4 }, () =>
        ask('before', 'completions', { prompt: 'Once', stream: true, max_tokens: 200, ignore_eos: true }),
      ),
    )
    keys('after')
    hadal.child.kill('SIGHUP')
    await hadal.printed(/config read again \(SIGHUP\): apiKeys changed/)
    expect([(await ask('after')).status, (await ask('before')).status]).toEqual([200, 401])
    for (const stream of streams) expect(await stream.text()).toContain('[DONE]')
    write('live.config.ts', "export default { apiKeys: [], prot: 1, port: 'x' }")
    hadal.child.kill('SIGHUP')
    await hadal.printed(/config refused: .*there is no setting prot; did you mean port\?/)
    expect((await ask('after')).status).toBe(200)
    hadal.child.kill('SIGTERM')
    expect((await hadal.ended()).code).toBe(0)
  },
)
