/** The `hadal` command: parses, runs, reports what went wrong, and says what to exit with. */

import { CommanderError } from 'commander'
import { usage } from './errors.ts'
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
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' })
    return code
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return reportError(thrown, terminal)
    if (thrown.exitCode === 0 || thrown.code === 'commander.help') return exitCodes.success
    return reportError(usage(withoutPrefix(thrown.message), commandIn(program, args)), terminal)
  }
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
