import { help, speak, visibleLength } from '@hadal/output'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'
import { createProgram } from '../program.ts'
import { eventsOf, splitDefault, splitLine, translateHelp } from './translate-help.ts'

const program = createProgram(recordingTerminal(), () => {})
const texts = new Set<string>()
collect(program)

/** Literals and values are not translated. */
function isTyped(text: string): boolean {
  return /^(hadal|sudo|kubectl) /.test(text)
}
function isValue(text: string): boolean {
  return /^\d+ [A-Za-z]+$/.test(text) || (!text.includes(' ') && !/^(none|all|never)$/.test(text))
}
/** Headings of help and errors. */
const headings = ['Usage:', 'Options:', 'Arguments:', 'Commands:', 'default', 'choices', 'help:']

describe('the help in Chinese', () => {
  it('has every text', () => {
    expect([...texts].filter((text) => !(text in help))).toEqual([])
    expect(texts.size).toBeGreaterThan(600)
  })

  it('has no text that no help has', () => {
    expect(Object.keys(help).filter((text) => !texts.has(text) && !headings.includes(text))).toEqual([])
  })

  it('is Chinese, and names the same flags, settings and commands', () => {
    for (const [text, chinese] of Object.entries(help)) {
      expect(chinese, text).not.toBe(text)
      const named =
        text.match(/--[a-z][a-z-]+|`[^`]+`|[a-z]+[A-Z]\w+|[a-z_]+\.[a-z][A-Za-z]+|HADAL_\w+/g) ?? []
      for (const name of named) expect(chinese, text).toContain(name.replaceAll(/\.$/g, ''))
    }
  })
})

describe('a program', () => {
  let terminal: RecordingTerminal
  beforeEach(() => {
    terminal = recordingTerminal()
  })
  afterEach(() => speak('en'))
  const output = (): string => terminal.printed.join('\n')

  it('speaks Chinese wherever --language stands, or as the environment says', async () => {
    for (const args of [
      ['--language', 'zh', 'keys', 'create', '--help'],
      ['keys', '--language=zh', 'create', '--help'],
      ['keys', 'create', '--help', '--language', 'zh'],
    ]) {
      terminal.printed.length = 0
      expect(await main(args, terminal)).toBe(0)
      expect(output()).toContain('创建密钥，只显示一次。')
      expect(output()).toContain('打印此帮助')
      expect(output()).not.toMatch(/Options:|Usage:|default:/)
    }
    terminal = recordingTerminal({ env: { LANG: 'zh_CN.UTF-8' } })
    await main(['usage', '--help'], terminal)
    expect(output()).toMatch(/--by <what>.*（可选：key、model、day；默认："key"）/)
    terminal = recordingTerminal({ env: { LANG: 'zh_CN.UTF-8' } })
    await main(['usage', '--help', '--language', 'en'], terminal)
    expect(output()).toContain('Options:')
  })

  it('leaves defaults as they are typed', async () => {
    await main(['--language', 'zh', 'serve', '--help'], terminal)
    const unwrapped = output().replaceAll(/\n\s+/g, '')
    expect(unwrapped).toMatch(/--guard <preset>[^-]*（默认：default）/)
    expect(unwrapped).toMatch(/--log-format <format>[^-]*（默认：text）/)
    expect(unwrapped).toMatch(/--draft-model <ref>[^-]*（默认：无）/)
  })

  it('keeps to the width of the terminal, in columns of which a character has two', async () => {
    for (const args of [['serve'], ['train'], ['deploy', 'apply'], ['guard', 'eval'], ['simulate']]) {
      terminal = recordingTerminal({ env: { HADAL_LANGUAGE: 'zh' } })
      await main([...args, '--help'], terminal)
      for (const line of output().split('\n')) expect(visibleLength(line), line).toBeLessThanOrEqual(80)
    }
  })

  it('says what is wrong with a command line in Chinese, with the same code', async () => {
    expect(await main(['--language', 'zh', 'models', 'pul'], terminal)).toBe(2)
    expect(terminal.noted).toEqual([
      "error[usage]: 未知命令 'pul'；是否想写 pull？",
      '建议： `hadal models --help` 列出可用的内容。',
    ])
  })

  it('refuses a language that it does not speak', async () => {
    expect(await main(['--language', 'fr', 'models', 'list'], terminal)).toBe(2)
    expect(terminal.noted[0]).toBe('error[usage]: --language: "fr" is none of en, zh')
  })

  it('gives each command that is added its Chinese, with the flags as they are', async () => {
    await speak('zh')
    const command = new Command('x')
      .description('print JSON')
      .option('--json <file>', 'rate limit, in requests', 'a.json')
    translateHelp(command)
    const shown = command.helpInformation()
    expect(shown).toMatch(/--json <file>\s+最多（默认："a\.json"）/)
    expect(shown).toContain('打印 JSON')
  })
})

function collect(command: Command): void {
  const add = (text: string): void => {
    if (text !== '' && !isTyped(text)) texts.add(text)
  }
  const addDoc = (doc: string): void => {
    const { text, byDefault } = splitDefault(doc)
    add(text)
    if (byDefault !== undefined && !isValue(byDefault)) add(byDefault)
  }
  addDoc(command.description())
  for (const argument of command.registeredArguments) addDoc(argument.description)
  for (const option of command.options) {
    addDoc(option.description)
    if (option.helpGroupHeading !== undefined) add(option.helpGroupHeading)
  }
  add('print this help')
  for (const listener of eventsOf(command).listeners('afterHelp'))
    listener({
      write(text: string) {
        for (const line of text.split('\n')) add(splitLine(line).text)
      },
    })
  for (const each of command.commands) collect(each)
}
