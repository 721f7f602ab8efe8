/** The `hadal` command: parses, runs, reports what went wrong, and says what to exit with. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommanderError } from 'commander'
import { usage } from './errors.ts'
import { translateLlamaServerFlags } from './llama-server/translate-flags.ts'
import { createProgram } from './program.ts'
import { exitCodes, reportError } from './report-error.ts'
import { processTerminal, type Terminal } from './terminal.ts'

/** Never rejects. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let code: number = exitCodes.success
  const program = createProgram(terminal, (given) => {
    code = given
  })
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : inOwnFlags(args, terminal), { from: 'user' })
    return code
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return reportError(thrown, terminal)
    if (thrown.exitCode === 0 || thrown.code === 'commander.help') return exitCodes.success
    return reportError(usage(withoutPrefix(thrown.message), commandIn(program, args)), terminal)
  }
}

/** Of `serve`, which takes the flags of llama-server, too. */
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

/** The command whose `--help` would have told. */
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
