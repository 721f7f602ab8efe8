/** `hadal doctor explain` with its flags and help. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

export function addDoctorExplain(doctor: Command, terminal: Terminal, onExit: (code: number) => void): void {
  doctor
    .command('explain')
    .description(
      'Find the root cause in logs, error texts, dmesg, nvidia-smi output and events, with evidence and commands to run.',
    )
    .argument('[files...]', 'files (gzip is supported), folders or captures; - for standard input')
    .option('--fixture <file>', 'a capture of `hadal doctor --capture`')
    .option('--json', 'print JSON')
    .addHelpText('after', explainText)
    .action(async (files, flags) =>
      onExit(await (await import('../commands/doctor-explain.ts')).doctorExplain(files, flags, terminal)),
    )
}

const explainText = `
Examples:
  hadal doctor explain train.log
  sudo dmesg | hadal doctor explain -
  hadal doctor explain train.log dmesg.txt events.txt    merged into one timeline
  kubectl describe pod NAME | hadal doctor explain - server.log

Exit codes:
  0  nothing found, or a note
  3  a warning
  4  an error
  5  something critical
  6  unknown: failure-like lines that match no catalogued cause
  1  some input could not be read
  2  invalid command line`
