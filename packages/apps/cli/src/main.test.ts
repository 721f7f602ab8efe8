import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBundledModel, listBundledModels, version } from '@hadal/service'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../test/recording-terminal.ts'
import { main } from './main.ts'

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-cli-'))
  terminal = recordingTerminal({ folder, env: { HADAL_CACHE_DIR: join(folder, 'cache') } })
})
afterEach(() => rmSync(folder, { recursive: true }))
const output = () => terminal.printed.join('\n')
const errors = () => terminal.noted.join('\n')

describe('help', () => {
  it('is what comes without arguments', async () => {
    expect(await main([], terminal)).toBe(0)
    expect(output()).toContain('Usage: hadal <command>')
    for (const name of ['serve', 'models <list|pull|inspect>', 'bench serve', 'train <recipe>', 'Exit codes'])
      expect(output()).toContain(name)
    expect(output()).not.toContain('\u001b')
    expect(errors()).toBe('')
  })

  it('of serve has every setting, under headings, with defaults', async () => {
    expect(await main(['serve', '--help'], terminal)).toBe(0)
    expect(output()).toMatch(/^Model:$/m)
    expect(output()).toMatch(/--port <number> [\s\S]*?8080/)
    expect(
      output()
        .split('\n')
        .every((line) => line.length <= 110),
    ).toBe(true)
  })

  it('of a group is what the group alone prints', async () => {
    expect(await main(['models'], terminal)).toBe(0)
    expect(output()).toContain('inspect <ref>')
    expect(errors()).toBe('')
  })

  it('is coloured where that is wanted', async () => {
    terminal = recordingTerminal({ color: true })
    await main(['--help'], terminal)
    expect(output()).toContain('\u001b[36m')
  })
})

it('the version is that of the package', async () => {
  expect(await main(['--version'], terminal)).toBe(0)
  expect(output()).toBe(version)
})

describe('a wrong command line exits with 2', () => {
  it.each([
    [['serv'], "unknown command 'serv'; did you mean serve?", 'hadal --help'],
    [['models', 'pul'], "unknown command 'pul'; did you mean pull?", 'hadal models --help'],
    [['models', 'pull'], "missing required argument 'ref'", 'hadal models pull --help'],
    [['models', 'list', '--jso'], "unknown option '--jso'; did you mean --json?", 'hadal models list --help'],
    [['serve', '--port'], "option '-p, --port <number>' argument missing", 'hadal serve --help'],
    [['bench', 'serve', '--concurrency', '1,x'], '--concurrency: "x" is not a whole number', 'bench serve'],
    [['bench', 'serve', '--rate', '0'], '--rate: "0" is not a positive number', 'bench serve'],
    [['bench', 'serve', '--url', 'nowhere'], '--url: "nowhere" is not an http URL', 'bench serve'],
    [
      ['bench', 'serve', '--prompt-tokens', 'many'],
      '"many" is not a length distribution',
      'lognormal:64,0.6',
    ],
    [['bench', 'serve', '--timeout', '60d'], '--timeout: "60d" exceeds 24.8d', 'bench serve'],
    [['bench', 'serve', '--timeout', 'soon'], '"soon" is not a duration', '30s'],
    [['train', 'nowhere.ts'], 'the recipe nowhere.ts does not exist', 'train.ts'],
  ])('%j', async (args, message, help) => {
    expect(await main(args, terminal)).toBe(2)
    expect(errors()).toContain(message)
    expect(terminal.noted.at(-1)).toContain(help)
    expect(output()).toBe('')
  })

  it('with every error from every source at once', async () => {
    writeFileSync(join(folder, 'hadal.config.json'), '{"prot": 1}')
    terminal = recordingTerminal({ folder, env: { HADAL_THREADS: 'x', HADAL_CONFIG: '' } })
    expect(await main(['serve', '--max-queu', '3', '--port', '99999'], terminal)).toBe(2)
    expect(errors()).toMatch(/error\[config_invalid\]: 4 settings are invalid/)
    for (const issue of [
      'did you mean port?',
      'HADAL_THREADS: "x"',
      'did you mean --max-queue?',
      '--port: "99999"',
    ])
      expect(errors()).toContain(issue)
  })
})

describe('models', () => {
  it('that are bundled lie in a folder of their own name', () => {
    mkdirSync(join(folder, 'tiny'))
    writeFileSync(join(folder, 'tiny', 'README.md'), '')
    mkdirSync(join(folder, 'small'))
    writeFileSync(join(folder, 'small', 'small-q8_0.gguf'), '')
    const small = { name: 'small', path: join(folder, 'small', 'small-q8_0.gguf') }
    expect(listBundledModels([folder, join(folder, 'gone')])).toEqual([small])
    expect(findBundledModel('small', [folder])).toEqual(small)
    expect(findBundledModel('small.gguf', [folder])).toBeUndefined()
    expect(findBundledModel('hf:a/b', [folder])).toBeUndefined()
    expect(() => findBundledModel('large', [folder])).toThrow(
      expect.objectContaining({
        code: 'bundled_model_missing',
        help: 'Use one of the bundled models: small.',
      }),
    )
    expect(() => findBundledModel('large', [])).toThrow(
      expect.objectContaining({ help: expect.stringContaining('--model path.gguf') }),
    )
  })

  it('are listed, as text and as JSON', async () => {
    expect(await main(['models', 'list'], terminal)).toBe(0)
    expect(output()).toContain('hadal models pull')
    terminal.printed.length = 0
    expect(await main(['models', 'list', '--json'], terminal)).toBe(0)
    expect(JSON.parse(output())).toBeInstanceOf(Array)
  })

  it('that are not on this machine cannot be inspected', async () => {
    expect(await main(['models', 'inspect', 'hf:a/b:Q8_0'], terminal)).toBe(1)
    expect(errors()).toContain('error[model_not_cached]')
  })
})

describe("llama-server's flags", () => {
  it('that are refused say what to do instead', async () => {
    expect(await main(['serve', '--mmproj', 'x.gguf'], terminal)).toBe(2)
    expect(errors()).toContain('--mmproj is a llama-server flag')
  })

  it('are distinguished from unknown flags', async () => {
    expect(
      await main(['serve', '-m', 'x.gguf', '-np', '4', '-c', '4096', '-fa', '--prot', '1'], terminal),
    ).toBe(2)
    expect(errors()).toContain('1024 tokens each')
    expect(errors()).toContain('ignored, because they have no effect: -fa')
    expect(errors()).toContain('--prot: there is no such flag; did you mean --port?')
  })

  it('mean what they mean to no other command', async () => {
    expect(await main(['models', 'list', '-np', '4'], terminal)).toBe(2)
  })
})
