/** The commands on deployments: render, check, plan, apply, watch, undo. */

import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

export function addDeploy(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const deploy = program
    .command('deploy')
    .description('Bring a service into a Kubernetes cluster: manifests, a check, a plan, a safe rollout.')
    .usage('<render|lint|plan|apply|status|undo|diff|train>')
    .helpCommand(false)

  addDeploymentFlags(
    deploy
      .command('render')
      .description('Write the manifests of a config file, and say why each choice is as it is.'),
  )
    .option('--out <folder>', 'where to, or - for one file on standard output', 'deploy')
    .option('--force', 'also over rendered files that were changed since')
    .option('--json', 'print files, choices and keys of the Secret as JSON')
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-render.ts')).deployRender(flags, terminal)),
    )
}

/** What `loadDeployment` reads. */
function addDeploymentFlags(command: Command): Command {
  return command
    .option(
      '--config <file>',
      'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)',
    )
    .option('--overlay <name>', 'one of deploy.overlays, in place of what holds everywhere')
    .option(
      '--cold-start <report>',
      'what `hadal bench coldstart --json` wrote: times of probes come from it',
    )
}
