/** The commands that say what is wrong: with this machine, a service, a cluster, a running server, and in a log. */

import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addDoctorExplain } from './doctor-explain-command.ts'

export function addDoctor(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const doctor = program
    .command('doctor')
    .description('What is wrong with this machine, its GPUs, the service, the cluster or a running server.')
    .usage('[options] [groups...]')
    .argument('[groups...]', 'environment, gpu, service, cluster, server (default: all that are there)')
    .helpCommand(false)
    .enablePositionalOptions()
    .option('--json', 'print JSON')
    .option('--capture <file>', 'keep what was read, without secrets, for somebody else to look at')
    .option('--fixture <file>', 'judge such a capture in place of this machine')
    .action(async (groups, flags) =>
      onExit(await (await import('../commands/doctor.ts')).doctor(groups, flags, terminal)),
    )
  addDoctorExplain(doctor, terminal, onExit)
}
