/** The commands on deployments: write manifests, check them, plan a rollout, carry it out, watch it, take it back. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'
import { recipeArguments } from './recipe-arguments.ts'

export function addDeploy(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const deploy = program
    .command('deploy')
    .description('Bring a service into a Kubernetes cluster: manifests, a check, a plan, a safe rollout.')
    .usage('<render|lint|plan|apply|status|undo|diff|train>')
    .helpCommand(false)
    .enablePositionalOptions()
  addRender(deploy, terminal, onExit)
  addLint(deploy, terminal, onExit)
  addPlanAndApply(deploy, terminal, onExit)
  addAfterwards(deploy, terminal, onExit)
  addDeployTrain(program, deploy, terminal, onExit)
}

function addRender(deploy: Command, terminal: Terminal, onExit: (code: number) => void): void {
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

function addLint(deploy: Command, terminal: Terminal, onExit: (code: number) => void): void {
  addDeploymentFlags(
    deploy
      .command('lint')
      .description('Say what an API server would refuse of manifests, and what it would take and hurts.')
      .argument(
        '[paths...]',
        'files and folders of YAML or JSON, anybody’s; - for standard input; none: what the config file becomes',
      ),
  )
    .option('--before <folder>', 'the same objects as they are now, for fields that cannot be changed')
    .option('--free-gpus <number>', 'GPUs of the cluster that nobody holds (default: not known)')
    .addOption(
      new Option('--severity <what>', 'the least that fails')
        .choices(['rejected', 'harmful', 'advice'])
        .default('harmful'),
    )
    .addOption(
      new Option('--format <what>', 'how findings are printed')
        .choices(['text', 'json', 'sarif'])
        .default('text'),
    )
    .option('--json', 'as --format json')
    .addHelpText('after', exitCodesText('3  there are findings of that severity, or above'))
    .action(async (paths, flags) =>
      onExit(await (await import('../commands/deploy-lint.ts')).deployLint(paths, flags, terminal)),
    )
}

function addPlanAndApply(deploy: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const rollout = (command: Command): Command =>
    addClusterFlags(command)
      .option('--prune', 'also what was applied before and is no longer wanted')
      .addOption(
        new Option(
          '--strategy <which>',
          'auto: chosen by the GPUs that are free; written: as manifests say (the default with -f)',
        ).choices(['auto', 'written']),
      )
      .option('--skip-missing', 'leave out kinds that the cluster does not serve')
      .option('--json', 'print JSON')

  rollout(
    deploy
      .command('plan')
      .description('What would change in the cluster, how, and whether it could end: nothing is changed.'),
  )
    .addHelpText(
      'after',
      exitCodesText('3  it would be refused: a deadlock, an immutable field, a kind that is not served'),
    )
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-plan.ts')).deployPlan(flags, terminal)),
    )

  rollout(
    deploy
      .command('apply')
      .description('Carry that out, wait until all of it is ready, and go back where it does not get so.'),
  )
    .option('--force', 'take over fields that others manage')
    .option('--timeout <time>', 'how long to wait for pods (default: by their startup probes)')
    .option('--no-wait', 'do not wait for pods')
    .option('--no-rollback', 'leave a rollout that failed as it is')
    .option('--dry-run', 'the server checks all and keeps nothing')
    .option('--yes', 'do not ask')
    .addOption(pollOption())
    .addHelpText(
      'after',
      exitCodesText('3  refused before anything was changed', '130  stopped by Ctrl-C while it waited'),
    )
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-apply.ts')).deployApply(flags, terminal)),
    )
}

function addAfterwards(deploy: Command, terminal: Terminal, onExit: (code: number) => void): void {
  addClusterFlags(
    deploy.command('status').description('What runs, what does not, and what keeps it from running.'),
  )
    .option('--watch', 'until it is ready or Ctrl-C')
    .option('--json', 'print JSON')
    .addOption(pollOption())
    .addHelpText('after', exitCodesText('3  something is not ready'))
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-status.ts')).deployStatus(flags, terminal)),
    )

  addClusterFlags(deploy.command('undo').description('Go back to what was applied before.'))
    .option('--workload <name>', 'of several, this one')
    .option('--to <revision>', 'of the engine’s and the gateway’s Deployments (default: the one before)')
    .option('--timeout <time>', 'how long to wait for pods (default: by their startup probes)')
    .option('--no-wait', 'do not wait for pods')
    .option('--dry-run', 'say what would be done')
    .option('--yes', 'do not ask')
    .addOption(pollOption())
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-undo.ts')).deployUndo(flags, terminal)),
    )

  addClusterFlags(
    deploy.command('diff').description('Where the cluster differs from the config file, field by field.'),
  )
    .option('--prune', 'also what was applied before and is no longer wanted')
    .addHelpText('after', exitCodesText('3  something differs'))
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-diff.ts')).deployDiff(flags, terminal)),
    )
}

function addDeployTrain(
  program: Command,
  deploy: Command,
  terminal: Terminal,
  onExit: (code: number) => void,
): void {
  deploy
    .command('train')
    .description('Write the manifests of a training run on one or more machines.')
    .usage('[options] <recipe> [arguments of hadal train]')
    .argument('<recipe>', 'a file or folder here, or with --recipe-in-image its path in the image')
    .argument('[arguments...]', 'as of `hadal train`, which runs it')
    .addOption(
      new Option('--as <form>', 'an Indexed Job, a JobSet or a TrainJob of Kubeflow')
        .choices(['job', 'jobset', 'trainjob'])
        .default('job'),
    )
    .option('--nodes <number>', 'pods, one a machine (default: 1)')
    .option('--nproc <number>', 'ranks in each (default: 1)')
    .option(
      '--gpus <number>',
      'GPUs of each pod (default: as --nproc with an --image of yours, else 0: the usual image computes on CPUs)',
    )
    .option('--image <image>', 'with its tag or digest (default: hadal-train of this version)')
    .option('--name <name>', 'what everything is called (default: as the recipe)')
    .option('-n, --namespace <name>', '(default: deploy.namespace)')
    .option('--recipe-in-image', 'the recipe is in the image, not here')
    .option('--run-claim <name>', 'a ReadWriteMany volume that is there (default: one is made)')
    .option('--run-size <size>', 'of the volume that is made (default: 50Gi)')
    .option('--data-claim <name>', 'a volume with the data')
    .option('--storage-class <name>', 'of the volume that is made (default: deploy.storageClass)')
    .option('--restarts <number>', 'how often a run that failed goes on (default: 3)')
    .option('--grace <time>', 'for a last checkpoint (default: 2m)')
    .option('--keep <time>', 'how long what has ended stays to be looked at (default: 1d)')
    .option('--metrics-port <number>', '0 for none (default: 9400)')
    .option('--queue <name>', 'a LocalQueue of Kueue')
    .option('--config <file>', configDoc)
    .option('--out <folder>', 'where to, or - for standard output', '-')
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (recipe, _rest, flags, command: Command) => {
      const { deployTrain } = await import('../commands/deploy-train.ts')
      onExit(await deployTrain(recipe, recipeArguments(program, command), flags, terminal))
    })
}

const configDoc = 'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)'

/** Flags for `loadDeployment`. */
function addDeploymentFlags(command: Command): Command {
  return command
    .option('--config <file>', configDoc)
    .option('--overlay <name>', 'one of deploy.overlays, in place of what holds everywhere')
    .option(
      '--cold-start <report>',
      'what `hadal bench coldstart --json` wrote: times of probes come from it',
    )
}

function addClusterFlags(command: Command): Command {
  return addDeploymentFlags(command)
    .option('-f, --file <path...>', 'rendered files or folders, in place of the config file')
    .option(
      '--kubeconfig <file>',
      'which clusters there are (default: KUBECONFIG, ~/.kube/config, or the pod’s own)',
    )
    .option('--context <name>', 'which of them (default: the current one)')
    .option('-n, --namespace <name>', 'in place of the one that manifests say')
    .option('--request-timeout <time>', 'how long one answer of the API server may take', '15s')
}

/** For tests. */
const pollOption = (): Option => new Option('--poll <time>', 'how often to look').default('1s').hideHelp()

const exitCodesText = (...others: readonly string[]): string =>
  [
    '\nExit codes:',
    '0  as it should be',
    '1  something failed',
    '2  the command line or the config file is wrong',
    ...others,
  ].join('\n  ')
