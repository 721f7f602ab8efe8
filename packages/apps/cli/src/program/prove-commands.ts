/** The command that measures claims. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

export function addProve(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('prove')
    .description('Measure on this machine what is claimed of each technique: claim, measured, verdict.')
    .argument('[claims...]', 'their ids (default: all); --list shows them')
    .option('--quick', 'all within 5 minutes on 2 cores (the default)')
    .option('--full', 'the real thing: more seeds, real data where it is installed, minutes each')
    .option('--only <ids>', 'these alone, separated by commas')
    .option('--list', 'print the claims, what they need and how long they take')
    .option('--seed <number>', 'repeats what is drawn', '1')
    .option(
      '--out <folder>',
      'where raw results, logs, report.json and report.html go (default: runs/prove-…)',
    )
    .option('--html <file>', 'write the page with plots there, too')
    .option('--json <file>', 'write the report with all raw results into one file')
    .option('--from <folder>', 'measure nothing: judge and show what an earlier --out holds')
    .option('--claims <file>', 'claims of one’s own in place of those of Hadal')
    .option('--limit <duration>', 'of one claim (default: a minute and 8 times what is expected)')
    .option('--fail-on <verdicts>', 'exit with 1 also for these: not-reproduced, partly, not-here')
    .action(async (claims, flags) =>
      onExit(await (await import('../commands/prove.ts')).prove(claims, flags, terminal)),
    )
}
