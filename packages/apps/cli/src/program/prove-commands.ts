/** The command that measures claims. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

export function addProve(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('prove')
    .description('Verify the claim about each technique by measuring on this machine.')
    .argument('[claims...]', 'claim ids (default: all); see --list')
    .option('--quick', 'all claims within 5 minutes on 2 cores (the default)')
    .option('--full', 'full measurement: more seeds, real data if installed, minutes per claim')
    .option('--only <ids>', 'only these claims, separated by commas')
    .option('--list', 'print the claims with their requirements and durations')
    .option('--seed <number>', 'random seed of the inputs', '1')
    .option(
      '--out <folder>',
      'output folder for raw results, logs, report.json and report.html (default: runs/prove-…)',
    )
    .option('--html <file>', 'also write the HTML report to this file')
    .option('--json <file>', 'write the report with all raw results to one file')
    .option('--from <folder>', 'do not measure; evaluate and show the results of an earlier --out')
    .option('--claims <file>', 'file of custom claims, instead of the bundled ones')
    .option('--limit <duration>', 'time limit per claim (default: one minute plus 8 times the expected time)')
    .option('--fail-on <verdicts>', 'also exit with 1 for these verdicts: not-reproduced, partly, not-here')
    .action(async (claims, flags) =>
      onExit(await (await import('../commands/prove.ts')).prove(claims, flags, terminal)),
    )
}
