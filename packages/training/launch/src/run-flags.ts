/** The flags of `hadal train`: run settings and commands. Does not load the training packages. */

import { runSettings } from '@hadal/config'
import { addSettingFlags } from '@hadal/service/flags'
import { type Command, Option } from 'commander'

/** Adds run flags to `command`; they apply to recipes whose default export is a run. */
export function addRunFlags(command: Command): Command {
  const own = (flags: string, doc: string): Option => new Option(flags, doc).helpGroup('Options:')
  command
    .addOption(own('--dry-run', 'show the resources the run needs, without training'))
    .addOption(
      own('--plan', 'show the memory the run needs, savings per technique, and the privacy budget spent'),
    )
    .addOption(own('--memory <size>', 'with --plan: available memory, such as 16GiB; default: detected'))
    .addOption(own('--json', 'with --plan: print JSON'))
    .addOption(own('--nproc <number>', 'number of processes on this machine'))
    .addOption(own('--restarts <number>', 'restarts from the last checkpoint after a failure'))
    .addOption(own('--profile', 'profile steps: time and memory (hadal profile RUN shows the result)'))
    .addOption(own('--nsys', 'run under Nsight Systems and report its results'))
    .addOption(own('--wandb <project>', 'also log to a Weights & Biases project'))
    .addOption(own('--metrics-port <port>', 'port for GET /metrics (Prometheus), served by rank 0'))
    .addOption(
      own('--metrics-host <address>', 'with --metrics-port: address to listen on (default: 127.0.0.1)'),
    )
  addSettingFlags(command, runSettings)
  return command
}

/** Flags besides the settings; for suggestions. */
export const ownRunFlags: readonly string[] = [
  '--dry-run',
  '--plan',
  '--memory',
  '--json',
  '--nproc',
  '--restarts',
  '--wandb',
  '--metrics-port',
  '--metrics-host',
  '--profile',
  '--nsys',
  '--help',
]
