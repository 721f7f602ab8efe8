/** The commands of operators that users write. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

const folder = 'a folder with an op.ts, as `hadal op new` writes it'

export function addOp(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const op = program
    .command('op')
    .description('Write, test and measure operators of your own: C++ and CUDA, called like any other.')
    .usage('<new|test|bench>')
    .helpCommand(false)
  op.command('new')
    .description('Write a folder with an operator that works, to be changed into another.')
    .argument('<name>', 'vector_add, or my::vector_add')
    .option('--folder <path>', 'where (default: the name)')
    .action(async (name, flags) =>
      onExit((await import('../commands/op-new.ts')).newOp(name, flags, terminal)),
    )
  op.command('test')
    .description(
      'Compile it, and compare values, gradients and shapes with its reference, on every device there is.',
    )
    .argument('<folder>', folder)
    .option('--seed <number>', 'repeats what is drawn', '1')
    .option('--json', 'print JSON')
    .action(async (given, flags) =>
      onExit(await (await import('../commands/op-run.ts')).testOpFolder(given, flags, terminal)),
    )
  op.command('bench')
    .description('Measure it beside its reference, in turns.')
    .argument('<folder>', folder)
    .option('--rounds <number>', 'of each', '7')
    .option('--threads <number>', 'of libtorch', '1')
    .option('--json', 'print JSON, with every round')
    .action(async (given, flags) =>
      onExit(await (await import('../commands/op-run.ts')).benchOpFolder(given, flags, terminal)),
    )
}
