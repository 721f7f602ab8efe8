/** The profiling command. */

import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import type { Command } from 'commander'

export function addProfile(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('profile')
    .description('Show where the time and memory of a run go, or of a server.')
    .usage('<run|trace|url> [options]')
    .argument(
      '<what>',
      'the folder of a run that was trained with --profile; a Chrome trace, PyTorch’s too; a report of nsys (.sqlite); or the address of a server, which records itself',
    )
    .argument('[command...]', 'with --nsys: the rest of it')
    .option(
      '--nsys',
      'run a command under Nsight Systems, and show what it saw: hadal profile --nsys -- COMMAND',
    )
    .option('--compare <run>', 'another run or trace: what takes longer there, and what less')
    .option('--rows <number>', 'operators that are listed', '12')
    .option('--rank <number>', 'of a run on several ranks, whose profile', '0')
    .option('--html <file>', 'where the page is written')
    .option('--trace <file>', 'of a server or a report: where the trace is written')
    .option('--seconds <number>', 'of a server: how long it records (default: 10)')
    .option('--api-key <key>', 'of a server: an administrator’s, sent as Authorization: Bearer')
    .option('--model <id>', 'of a server: only this model')
    .option('--json', 'print JSON')
    .action(async (what, rest, flags) => {
      if (flags.nsys === true) {
        const { profileUnderNsys } = await import('../commands/profile-nsys.ts')
        onExit(await profileUnderNsys([what, ...rest], flags, terminal))
        return
      }
      if (rest.length > 0)
        throw usage(`one thing is shown at a time, not ${rest[0]} as well`, 'hadal profile')
      onExit(await (await import('../commands/profile.ts')).profile(what, flags, terminal))
    })
}
