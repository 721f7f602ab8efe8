import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@hadal/base'
import { type Resolved, resolveSettings, type Service, serviceSettings } from '@hadal/config'
import { configCandidates, loadSettings, loadSettingsAgain } from '@hadal/service'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../kernel/base/test/eventually.ts'
import { recordingTerminal } from '../test/recording-terminal.ts'
import {
  type ConfigReload,
  type ConfigReloadOptions,
  type ReloadOutcome,
  watchConfig,
} from './config-reload.ts'
import { listenToHangUp } from './hang-up-signal.ts'

interface Watched {
  readonly reload: ConfigReload
  readonly lines: string[]
  readonly applied: { service: Service; changed: readonly string[] }[]
  readonly outcomes: ReloadOutcome[]
}

function watch(
  options: Partial<ConfigReloadOptions> & Pick<ConfigReloadOptions, 'started' | 'load'>,
): Watched {
  const [lines, applied, outcomes]: [string[], Watched['applied'], ReloadOutcome[]] = [[], [], []]
  const reload = watchConfig({
    files: [],
    apply: (service, changed) => void applied.push({ service, changed }),
    onOutcome: (outcome) => outcomes.push(outcome),
    logger: createLogger((level, message) => lines.push(`${level} ${message}`)),
    pollMillis: 20,
    ...options,
  })
  onTestFinished(() => reload[Symbol.dispose]())
  return { reload, lines, applied, outcomes }
}

const settings = (values: Record<string, unknown> = {}): Resolved<Service> =>
  resolveSettings(serviceSettings, { file: { path: 'hadal.config.ts', values } })

describe('a config that is read again', () => {
  it('is in force as far as it may, and says what waits', async () => {
    const { reload, lines, applied, outcomes } = watch({
      started: settings(),
      load: async () => settings({ apiKeys: ['hush'], port: 9 }),
    })
    expect(await reload.reload('SIGHUP')).toBe('applied')
    expect(applied).toHaveLength(1)
    expect(applied[0]).toMatchObject({ changed: ['apiKeys'], service: { apiKeys: ['hush'], port: 8080 } })
    expect(lines).toEqual([
      'info config read again (SIGHUP): apiKeys changed',
      'warn port: changed in the config, and waits for a restart',
    ])
    expect(lines.join()).not.toContain('hush')
    expect(await reload.reload('SIGHUP')).toBe('unchanged')
    expect(reload.current.values.apiKeys).toEqual(['hush'])
    await eventually(() => expect(outcomes).toEqual(['applied', 'unchanged']))
  })

  it('with errors is rejected as a whole, and every error is reported', async () => {
    const { reload, lines, applied } = watch({
      started: settings(),
      load: async () => settings({ prot: 1, port: 'x', apiKeys: ['k'] }),
    })
    expect(await reload.reload('SIGHUP')).toBe('refused')
    expect(applied).toEqual([])
    expect(lines).toEqual([
      'error config refused (SIGHUP), the old one stays: 2 settings are invalid',
      'error config refused: hadal.config.ts: port: "x" is not a whole number from 0 to 65535',
      'error config refused: hadal.config.ts: there is no setting prot; did you mean port?',
    ])
  })

  it('that cannot be applied is taken back', async () => {
    const seen: unknown[] = []
    const { reload } = watch({
      started: settings({ topK: 1 }),
      load: async (onFiles) => {
        onFiles(['hadal.config.ts'])
        return settings({ topK: 2 })
      },
      apply: ({ topK }) => {
        seen.push(topK)
        if (topK === 2) throw new Error('no')
      },
    })
    expect(await reload.reload('SIGHUP')).toBe('refused')
    expect(seen).toEqual([2, 1])
    expect(reload.current.values.topK).toBe(1)
  })

  it('many times at once is read once while another reading goes on', async () => {
    let readings = 0
    const { reload } = watch({
      started: settings(),
      load: async () => settings({ topK: ++readings }),
    })
    await Promise.all(Array.from({ length: 50 }, () => reload.reload('SIGHUP')))
    expect(readings).toBe(1)
    const first = reload.reload('SIGHUP')
    await new Promise((resolve) => setTimeout(resolve))
    await Promise.all([first, ...Array.from({ length: 50 }, () => reload.reload('SIGHUP'))])
    expect(readings).toBeLessThanOrEqual(3)
    expect(reload.current.values.topK).toBe(readings)
  })
})

describe('with files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hadal-reload-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (name: string, content: string): void => writeFileSync(join(folder, name), content)

  async function watchFolder(
    env: Record<string, string> = {},
    limit = { millis: 300_000 },
  ): Promise<Watched> {
    const terminal = recordingTerminal({ folder, env: { HADAL_WATCH_CONFIG: 'true', ...env } })
    const command = new Command().option('--config <file>')
    const watched = watch({
      started: await loadSettings(command, terminal),
      load: (onFiles) => loadSettingsAgain(command, terminal, { onFiles, timeoutMillis: limit.millis }),
      files: configCandidates(command, terminal),
    })
    // After it, any change is seen.
    await watched.reload.reload('first')
    watched.lines.length = 0
    return watched
  }

  it('a file that is imported counts as the config does', async () => {
    write('limits.ts', 'export const topK = 1')
    write('hadal.config.ts', `import { topK } from './limits.ts'\nexport default { topK }`)
    const { reload } = await watchFolder()
    write('limits.ts', 'export const topK = 2')
    await eventually(() => expect(reload.current.values.topK).toBe(2))
  })

  it('an imported file that changed before watching started triggers a reload', async () => {
    write('limits.ts', 'export const topK = 1')
    write('hadal.config.ts', `import { topK } from './limits.ts'\nexport default { topK }`)
    const terminal = recordingTerminal({ folder, env: { HADAL_WATCH_CONFIG: 'true' } })
    const command = new Command().option('--config <file>')
    const started = await loadSettings(command, terminal)
    write('limits.ts', 'export const topK = 2')
    const { reload } = watch({
      started,
      load: (onFiles) => loadSettingsAgain(command, terminal, { onFiles }),
      files: configCandidates(command, terminal),
    })
    await eventually(() => expect(reload.current.values.topK).toBe(2))
  })

  it('a ConfigMap that Kubernetes exchanges is read again', async () => {
    for (const topK of [1, 2]) {
      mkdirSync(join(folder, `..${topK}`))
      write(join(`..${topK}`, 'hadal.config.json'), JSON.stringify({ topK }))
    }
    symlinkSync('..1', join(folder, '..data'))
    symlinkSync(join('..data', 'hadal.config.json'), join(folder, 'hadal.config.json'))
    const { reload } = await watchFolder()
    symlinkSync('..2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await eventually(() => expect(reload.current.values.topK).toBe(2))
  })

  it('a file that never ends, and then is mended, is refused and then in force', async () => {
    write('hadal.config.ts', 'export default { topK: 1 }')
    const limit = { millis: 300_000 }
    const { reload, lines } = await watchFolder({}, limit)
    limit.millis = 2_000
    write('loop.ts', 'for (;;);')
    write('hadal.config.ts', `import './loop.ts'\nexport default { topK: 2 }`)
    await eventually(() => expect(lines.join('\n')).toContain('it did not finish within 2 s'))
    expect(reload.current.values.topK).toBe(1)
    limit.millis = 300_000
    write('loop.ts', '')
    await eventually(() => expect(reload.current.values.topK).toBe(2))
  })

  it('a file that has gone is no wish for defaults', async () => {
    write('hadal.config.json', '{ "apiKeys": ["hush"] }')
    const { reload, lines } = await watchFolder()
    rmSync(join(folder, 'hadal.config.json'))
    await eventually(() => expect(lines.join('\n')).toContain('config file hadal.config.json does not exist'))
    expect(reload.current.values.apiKeys).toEqual(['hush'])
    write('hadal.config.json', '{ "apiKeys": [] }')
    await eventually(() => expect(reload.current.values.apiKeys).toEqual([]))
  })

  it('a config file that is created later takes effect', async () => {
    const { reload } = await watchFolder()
    write('hadal.config.json', '{ "topK": 4, "watchConfig": true }')
    await eventually(() => expect(reload.current.values.topK).toBe(4))
  })

  it('what a variable says stands, whatever the file comes to say', async () => {
    write('hadal.config.json', '{ "topK": 1 }')
    const { reload } = await watchFolder({ HADAL_TOP_K: '7' })
    write('hadal.config.json', '{ "topK": 2, "topP": 0.5 }')
    await eventually(() => expect(reload.current.values.topP).toBe(0.5))
    expect(reload.current.values.topK).toBe(7)
  })

  it('nothing is watched unless watchConfig says so', async () => {
    write('hadal.config.json', '{ "topK": 1 }')
    const { reload, lines } = await watchFolder({ HADAL_WATCH_CONFIG: 'false' })
    write('hadal.config.json', '{ "topK": 2 }')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(lines).toEqual([])
    expect(await reload.reload('SIGHUP')).toBe('applied')
  })
})

it.skipIf(process.platform === 'win32')('SIGHUP is heard as a wish to read the config again', async () => {
  const heard: string[] = []
  const listening = listenToHangUp(() => heard.push('reload'))
  process.emit('SIGHUP', 'SIGHUP')
  listening[Symbol.dispose]()
  expect(heard).toEqual(['reload'])
})
