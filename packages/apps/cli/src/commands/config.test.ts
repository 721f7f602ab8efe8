import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-config-command-'))
  terminal = recordingTerminal({ folder, env: { HADAL_API_KEYS: 'hush', HADAL_THREADS: '3' } })
})
afterEach(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: string): void => writeFileSync(join(folder, name), content)
const printed = (): string => terminal.printed.join('\n')

describe('hadal config show', () => {
  it('has every setting with its value and where that came from, and no secret', async () => {
    write('hadal.config.json', '{ "port": 9000, "snapshotDir": "https://me:hush@host" }')
    expect(await main(['config', 'show', '--max-queue', '7'], terminal)).toBe(0)
    expect(printed()).toContain('config file: hadal.config.json')
    for (const line of [
      /^port +9000 +hadal\.config\.json +after a restart$/m,
      /^maxQueue +7 +--max-queue +/m,
      /^threads +3 +HADAL_THREADS +/m,
      /^apiKeys +set +HADAL_API_KEYS +immediately$/m,
      /^contextLength +the model’s training context.* +default +/m,
      /^bodyLimitBytes +4MiB +default +immediately$/m,
      /^maxBatchSize +16 +default +immediately if lower$/m,
    ])
      expect(printed()).toMatch(line)
    expect(printed()).not.toContain('hush')
  })

  it('prints only changed settings as JSON with --changed', async () => {
    write('hadal.config.json', '{ "adminKeys": ["hush"] }')
    expect(await main(['config', 'show', '--changed', '--json'], terminal)).toBe(0)
    expect(JSON.parse(printed())).toEqual({
      file: 'hadal.config.json',
      settings: {
        threads: { value: 3, source: 'env', from: 'HADAL_THREADS', reload: 'restart' },
        apiKeys: { value: 'hidden', source: 'env', from: 'HADAL_API_KEYS', reload: 'live' },
        adminKeys: { value: 'hidden', source: 'file', from: 'hadal.config.json', reload: 'live' },
      },
    })
  })

  it('reports that all settings have their defaults', async () => {
    terminal = recordingTerminal({ folder })
    expect(await main(['config', 'show', '--changed'], terminal)).toBe(0)
    expect(printed()).toBe('no config file\nAll settings have their default values.')
  })

  it('reports every error, as serving does', async () => {
    write('hadal.config.json', '{ "prot": 9000 }')
    expect(await main(['config', 'show', '--max-queue', 'x'], terminal)).toBe(2)
    expect(terminal.noted[0]).toContain('--max-queue: "x" is not')
    expect(terminal.noted[0]).toContain('did you mean port?')
  })
})

describe('hadal config check', () => {
  it('is content with a file that is right, whatever variables say', async () => {
    terminal = recordingTerminal({ folder, env: { HADAL_PORT: 'wrong' } })
    write(
      'hadal.config.ts',
      `import { defineService } from 'hadal'\nexport default defineService({ port: 1 })`,
    )
    expect(await main(['config', 'check'], terminal)).toBe(0)
    expect(printed()).toBe('hadal.config.ts: 1 setting, no errors')
  })

  it('reports every error in a file', async () => {
    write('other.json', '{ "prot": 1, "port": "x", "maxBatchSize": 0 }')
    expect(await main(['config', 'check', 'other.json'], terminal)).toBe(2)
    expect(terminal.noted[0]!.split('\n')).toEqual([
      'error[config_invalid]: 3 settings are invalid',
      '  other.json: port: "x" is not a whole number from 0 to 65535',
      '  other.json: maxBatchSize: 0 is not a whole number from 1 to 256',
      '  other.json: there is no setting prot; did you mean port?',
    ])
  })

  it('validates what only the guard knows: patterns, kinds and custom checks', async () => {
    write(
      'hadal.config.json',
      '{ "guard": { "patterns": [{ "name": "open", "pattern": "(" }], "checks": { "secrets": { "kinds": ["tokn"] } } } }',
    )
    expect(await main(['config', 'check'], terminal)).toBe(2)
    expect(terminal.noted[0]).toContain('guard_policy_invalid')
    expect(terminal.noted[0]).toContain('2 errors')
    write('hadal.config.json', '{ "guard": { "checkModules": ["./none.ts"] } }')
    expect(await main(['config', 'check'], terminal)).toBe(2)
    expect(terminal.noted.at(-2)).toContain('guard_check_invalid')
    write('hadal.config.json', '{ "guard": "strict" }')
    expect(await main(['config', 'check'], terminal)).toBe(0)
  })

  it('says what else is wrong', async () => {
    expect(await main(['config', 'check'], terminal)).toBe(2)
    expect(terminal.noted[0]).toContain('config_file_not_found')
    write('hadal.config.ts', 'throw new Error("broken inside")')
    expect(await main(['config', 'check'], terminal)).toBe(2)
    expect(terminal.noted.join('\n')).toContain('broken inside')
    write('hadal.config.json', '{ "tlsCert": "cert.pem" }')
    rmSync(join(folder, 'hadal.config.ts'))
    expect(await main(['config', 'check'], terminal)).toBe(2)
    expect(terminal.noted.join('\n')).toContain('tlsCert (cert.pem) requires tlsKey')
  })
})
