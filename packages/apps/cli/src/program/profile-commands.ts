/** The profiling command. */

import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import type { Command } from 'commander'

export function addProfile(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('profile')
    .description('Show where a run or a server spends time and memory.')
    .usage('<run|trace|url> [options]')
    .argument(
      '<what>',
      'folder of a run trained with --profile, a Chrome or PyTorch trace, an nsys report (.sqlite), or the URL of a server',
    )
    .argument('[command...]', 'with --nsys: its arguments')
    .option(
      '--nsys',
      'run a command under Nsight Systems and show the result: hadal profile --nsys -- COMMAND',
    )
    .option('--compare <run>', 'another run or trace to compare with')
    .option('--rows <number>', 'number of operators to list', '12')
    .option('--rank <number>', 'rank whose profile is shown', '0')
    .option('--html <file>', 'output file for the HTML report')
    .option('--trace <file>', 'for a server or an nsys report: output file for the trace')
    .option('--seconds <number>', 'for a server: recording time (default: 10)')
    .option('--api-key <key>', 'for a server: admin key, sent as Authorization: Bearer')
    .option('--model <id>', 'for a server: profile only this model')
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
