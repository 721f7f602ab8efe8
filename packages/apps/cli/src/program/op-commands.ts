/** The commands of operators that users write. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

const folder = 'folder with an op.ts, as created by `hadal op new`'

export function addOp(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const op = program
    .command('op')
    .description('Create, test and benchmark custom C++ and CUDA operators.')
    .usage('<new|test|bench>')
    .helpCommand(false)
  op.command('new')
    .description('Create a folder with a working example operator.')
    .argument('<name>', 'operator name, such as vector_add or my::vector_add')
    .option('--folder <path>', 'target folder (default: the operator’s name)')
    .action(async (name, flags) =>
      onExit((await import('../commands/op-new.ts')).newOp(name, flags, terminal)),
    )
  op.command('test')
    .description(
      'Compile an operator and compare values, gradients and shapes with its reference on every available device.',
    )
    .argument('<folder>', folder)
    .option('--seed <number>', 'random seed of the inputs', '1')
    .option('--json', 'print JSON')
    .action(async (given, flags) =>
      onExit(await (await import('../commands/op-run.ts')).testOpFolder(given, flags, terminal)),
    )
  op.command('bench')
    .description('Benchmark an operator against its reference, alternating runs.')
    .argument('<folder>', folder)
    .option('--rounds <number>', 'rounds per implementation', '7')
    .option('--threads <number>', 'number of libtorch threads', '1')
    .option('--json', 'print JSON, including every round')
    .action(async (given, flags) =>
      onExit(await (await import('../commands/op-run.ts')).benchOpFolder(given, flags, terminal)),
    )
}
