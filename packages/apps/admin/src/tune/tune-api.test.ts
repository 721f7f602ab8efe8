import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configFileNames, resolveSettings, type Service, serviceSettings } from '@hadal/config'
import type { TuneKnobs } from '@hadal/protocol'
import type { TuneApi } from '@hadal/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTuneApi } from './tune-api.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-tune-door-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const knobs: TuneKnobs = {
  maxBatchSize: 4,
  maxBatchTokens: 256,
  maxPrefillTokensWhileDecoding: 64,
  timeoutMicros: 2000,
  threads: 2,
  contextLength: 512,
  speculation: 'off',
}

/** For a service with these flags and variables. */
function open(
  flags: Partial<Record<keyof Service, unknown>> = {},
  env: Record<string, string> = {},
): TuneApi {
  const { values, origins } = resolveSettings(serviceSettings, { flags, env }, {})
  return openTuneApi({
    service: () => values,
    origins,
    configFiles: configFileNames.map((name) => join(folder, name)),
    folder,
  })
}

const secret = ['sk', 'very', 'secret'].join('-')
const config = `import { defineService } from 'hadal'

export default defineService({
  apiKeys: ['${secret}'],
  maxBatchSize: 2, // was '${secret}'
  timeoutMicros: '20ms',
})
`

describe('settings that were tuned', () => {
  it('are previewed before they are written, without exposing API keys', async () => {
    const file = join(folder, 'hadal.config.ts')
    writeFileSync(file, config)
    const api = open()
    const shown = await api.apply({ knobs, dryRun: true })
    expect(readFileSync(file, 'utf8')).toBe(config)
    expect(shown).toMatchObject({ file: 'hadal.config.ts', isNew: false, isWritten: false })
    const lines = shown.hunks.flatMap((hunk) => hunk.lines)
    expect(lines).toContainEqual({ kind: 'removed', text: "  timeoutMicros: '20ms'," })
    expect(lines).toContainEqual({ kind: 'added', text: '  timeoutMicros: 2000,' })
    expect(JSON.stringify(shown)).not.toContain(secret)

    const written = await api.apply({ knobs, revision: shown.revision })
    expect(written).toMatchObject({ isWritten: true, hunks: shown.hunks })
    const text = readFileSync(file, 'utf8')
    for (const part of [secret, 'maxBatchSize: 4', 'timeoutMicros: 2000', "speculation: 'off'"])
      expect(text).toContain(part)
    expect((await api.apply({ knobs, dryRun: true })).hunks).toEqual([])
  })

  it.each([
    [`  maxBatchSize: 2, // don't use '${secret}' or ${secret}`, '  maxBatchSize: 2, // …'],
    [`  maxBatchSize: 2, /* ${secret} */ threads: 1,`, '  maxBatchSize: 2, /* … threads: 1,'],
    [`  apiKeys: ['it\\'s ${secret}'], maxBatchSize: 2,`, "  apiKeys: ['…'], maxBatchSize: 2,"],
  ])('show nothing of what stands in their lines: %s', async (line, shown) => {
    writeFileSync(join(folder, 'hadal.config.ts'), `export default {\n${line}\n}\n`)
    const { hunks } = await open().apply({ knobs: { maxBatchSize: 4 }, dryRun: true })
    expect(hunks.flatMap(({ lines }) => lines)[0]).toEqual({ kind: 'removed', text: shown })
    expect(JSON.stringify(hunks)).not.toContain(secret)
  })

  it('are not written into a file that has changed meanwhile', async () => {
    const file = join(folder, 'hadal.config.ts')
    writeFileSync(file, config)
    const api = open()
    const { revision } = await api.apply({ knobs, dryRun: true })
    writeFileSync(file, config.replace('20ms', '30ms'))
    await expect(api.apply({ knobs, revision })).rejects.toMatchObject({
      code: 'tune_config_changed',
      status: 409,
    })
    expect(readFileSync(file, 'utf8')).toContain('30ms')
  })

  it('begin a file where there is none', async () => {
    const api = open()
    expect((await api.status()).config).toEqual({
      file: 'hadal.config.ts',
      isThere: false,
      isWatched: false,
    })
    expect(await api.apply({ knobs })).toMatchObject({ isNew: true, isWritten: true })
    expect(readFileSync(join(folder, 'hadal.config.ts'), 'utf8')).toContain('maxBatchTokens: 256')
    expect((await api.status()).config.isThere).toBe(true)
  })

  it('say what holds at once, what waits, and what a flag or a variable overrides', async () => {
    const api = open({ threads: '1', maxBatchSize: '8' }, { HADAL_TIMEOUT_MICROS: '5ms' })
    const { live, restart, overridden } = await api.apply({ knobs, dryRun: true })
    expect(overridden).toEqual([
      { setting: 'maxBatchSize', by: '--max-batch-size' },
      { setting: 'timeoutMicros', by: 'HADAL_TIMEOUT_MICROS' },
      { setting: 'threads', by: '--threads' },
    ])
    expect(live).toEqual(['maxBatchTokens', 'maxPrefillTokensWhileDecoding'])
    expect(restart).toEqual(['contextLength', 'speculation'])
  })

  it('are refused where they do not go together, or where the file has no place for them', async () => {
    await expect(open().apply({ knobs: { maxBatchSize: 1000 } })).rejects.toMatchObject({
      code: 'tune_settings_unfit',
      status: 400,
    })
    writeFileSync(join(folder, 'hadal.config.ts'), 'const service = {}\nexport default service\n')
    await expect(open().apply({ knobs, dryRun: true })).rejects.toMatchObject({ code: 'config_unwritable' })
  })
})
