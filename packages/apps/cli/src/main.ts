/** The `hadal` command: parses, runs, reports errors, and returns the exit code. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  exitCodes,
  isLanguage,
  languageOf,
  languages,
  processTerminal,
  reportError,
  say,
  speak,
  spokenWords,
  type Terminal,
  takeLanguage,
  usage,
} from '@hadal/output'
import { CommanderError } from 'commander'
import { sayUsage } from './language/say-usage.ts'
import { translateLlamaServerFlags } from './llama-server/translate-flags.ts'
import { createProgram } from './program.ts'

/** Never rejects. */
export async function main(given: readonly string[], of: Terminal = processTerminal()): Promise<number> {
  const { named, args } = takeLanguage(given)
  const terminal = named === undefined ? of : inheriting(named, of)
  await speak(languageOf(terminal.env))
  if (named !== undefined && !isLanguage(named))
    return reportError(
      usage(say`--language: "${named}" is none of ${languages.join(', ')}`, 'hadal'),
      terminal,
    )
  let code: number = exitCodes.success
  const program = createProgram(terminal, (exit) => {
    code = exit
  })
  if (spokenWords() !== undefined) (await import('./language/translate-help.ts')).translateHelp(program)
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : inOwnFlags(args, terminal), { from: 'user' })
    return code
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return reportError(thrown, terminal)
    if (thrown.exitCode === 0 || thrown.code === 'commander.help') return exitCodes.success
    return reportError(usage(sayUsage(withoutPrefix(thrown.message)), commandIn(program, args)), terminal)
  }
}

/** Child processes inherit the selected language. */
function inheriting(language: string, terminal: Terminal): Terminal {
  if (terminal.env === process.env) process.env.HADAL_LANGUAGE = language
  return { ...terminal, env: { ...terminal.env, HADAL_LANGUAGE: language } }
}

/** For `serve`, which also accepts llama-server's flags. */
function inOwnFlags(args: readonly string[], terminal: Terminal): readonly string[] {
  const [command, ...rest] = args
  if (command !== 'serve') return args
  const readFile = (path: string): string => readFileSync(resolve(terminal.folder, path), 'utf8')
  const translated = translateLlamaServerFlags(rest, { readFile })
  for (const note of translated.notes) terminal.note(note)
  return [command, ...translated.args]
}

/** Commander's `error: unknown command 'serv'\n(Did you mean serve?)` on one line. */
function withoutPrefix(message: string): string {
  return message.replace(/^error: /, '').replace(/\n\(D(id you mean .*\?)\)$/s, '; d$1')
}

/** The command that `--help` refers to. */
function commandIn(program: ReturnType<typeof createProgram>, args: readonly string[]): string {
  let command = program
  const path = [program.name()]
  for (const name of args) {
    const found = command.commands.find((each) => each.name() === name)
    if (found === undefined) break
    command = found
    path.push(name)
  }
  return path.join(' ')
}
