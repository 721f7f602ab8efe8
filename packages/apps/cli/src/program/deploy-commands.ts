/** The commands on deployments: write manifests, check them, plan a rollout, carry it out, watch it, take it back. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'
import { recipeArguments } from './recipe-arguments.ts'

export function addDeploy(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const deploy = program
    .command('deploy')
    .description('Deploy a service to Kubernetes: render, lint, plan and roll out safely.')
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
    deploy.command('render').description('Render the manifests of a config file and explain each choice.'),
  )
    .option('--out <folder>', 'output folder, or - for a single file on standard output', 'deploy')
    .option('--force', 'overwrite rendered files that were changed since')
    .option('--json', 'print files, choices and Secret keys as JSON')
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-render.ts')).deployRender(flags, terminal)),
    )
}

function addLint(deploy: Command, terminal: Terminal, onExit: (code: number) => void): void {
  addDeploymentFlags(
    deploy
      .command('lint')
      .description('Report manifests the API server would reject, and ones it accepts but that are unsafe.')
      .argument(
        '[paths...]',
        'YAML or JSON files and folders, or - for standard input; default: the rendered config file',
      ),
  )
    .option('--before <folder>', 'current objects, to check immutable fields')
    .option('--free-gpus <number>', 'number of free GPUs in the cluster (default: not known)')
    .addOption(
      new Option('--severity <what>', 'minimum severity that fails')
        .choices(['rejected', 'harmful', 'advice'])
        .default('harmful'),
    )
    .addOption(
      new Option('--format <what>', 'output format of the findings')
        .choices(['text', 'json', 'sarif'])
        .default('text'),
    )
    .option('--json', 'same as --format json')
    .addHelpText('after', exitCodesText('3  findings of that severity or above'))
    .action(async (paths, flags) =>
      onExit(await (await import('../commands/deploy-lint.ts')).deployLint(paths, flags, terminal)),
    )
}

function addPlanAndApply(deploy: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const rollout = (command: Command): Command =>
    addClusterFlags(command)
      .option('--prune', 'delete previously applied objects that are no longer in the manifests')
      .addOption(
        new Option(
          '--strategy <which>',
          'auto: chosen by the number of free GPUs; written: as in the manifests (the default with -f)',
        ).choices(['auto', 'written']),
      )
      .option('--skip-missing', 'skip kinds that the cluster does not serve')
      .option('--json', 'print JSON')

  rollout(
    deploy
      .command('plan')
      .description('Show the planned changes and whether they can complete, without applying them.'),
  )
    .addHelpText(
      'after',
      exitCodesText('3  the change would be rejected: deadlock, immutable field or unserved kind'),
    )
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-plan.ts')).deployPlan(flags, terminal)),
    )

  rollout(
    deploy.command('apply').description('Apply the plan, wait until it is ready, and roll back on failure.'),
  )
    .option('--force', 'take over fields owned by other managers')
    .option('--timeout <time>', 'timeout for pods to become ready (default: from their startup probes)')
    .option('--no-wait', 'do not wait for pods')
    .option('--no-rollback', 'do not roll back a failed rollout')
    .option('--dry-run', 'validate on the server without applying')
    .option('--yes', 'skip the confirmation')
    .addOption(pollOption())
    .addHelpText(
      'after',
      exitCodesText('3  rejected before any change', '130  interrupted by Ctrl-C while waiting'),
    )
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-apply.ts')).deployApply(flags, terminal)),
    )
}

function addAfterwards(deploy: Command, terminal: Terminal, onExit: (code: number) => void): void {
  addClusterFlags(deploy.command('status').description('Show what is running, what is not, and why.'))
    .option('--watch', 'watch until ready or Ctrl-C')
    .option('--json', 'print JSON')
    .addOption(pollOption())
    .addHelpText('after', exitCodesText('3  not everything is ready'))
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-status.ts')).deployStatus(flags, terminal)),
    )

  addClusterFlags(deploy.command('undo').description('Roll back to an earlier revision.'))
    .option('--workload <name>', 'workload to roll back')
    .option(
      '--to <revision>',
      'revision of the engine and gateway Deployments (default: the previous revision)',
    )
    .option('--timeout <time>', 'timeout for pods to become ready (default: from their startup probes)')
    .option('--no-wait', 'do not wait for pods')
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'skip the confirmation')
    .addOption(pollOption())
    .action(async (flags) =>
      onExit(await (await import('../commands/deploy-undo.ts')).deployUndo(flags, terminal)),
    )

  addClusterFlags(
    deploy.command('diff').description('Show field by field how the cluster differs from the config file.'),
  )
    .option('--prune', 'delete previously applied objects that are no longer in the manifests')
    .addHelpText('after', exitCodesText('3  differences found'))
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
    .description('Render the manifests of a training run on one or more machines.')
    .usage('[options] <recipe> [arguments of hadal train]')
    .argument('<recipe>', 'a local file or folder, or with --recipe-in-image its path in the image')
    .argument('[arguments...]', 'arguments for `hadal train`, which runs it')
    .addOption(
      new Option('--as <form>', 'an Indexed Job, a JobSet or a Kubeflow TrainJob')
        .choices(['job', 'jobset', 'trainjob'])
        .default('job'),
    )
    .option('--nodes <number>', 'number of pods, one per machine (default: 1)')
    .option('--nproc <number>', 'ranks per pod (default: 1)')
    .option(
      '--gpus <number>',
      'GPUs per pod (default: same as --nproc with a custom --image, otherwise 0, because the default image uses CPUs)',
    )
    .option('--image <image>', 'image with its tag or digest (default: hadal-train of this version)')
    .option('--name <name>', 'name of all objects (default: the recipe’s name)')
    .option('-n, --namespace <name>', '(default: deploy.namespace)')
    .option('--recipe-in-image', 'the recipe is in the image, not on this machine')
    .option('--run-claim <name>', 'existing ReadWriteMany volume claim (default: a new one)')
    .option('--run-size <size>', 'size of the new volume (default: 50Gi)')
    .option('--data-claim <name>', 'volume claim with the data')
    .option('--storage-class <name>', 'storage class of the new volume (default: deploy.storageClass)')
    .option('--restarts <number>', 'restarts after failures (default: 3)')
    .option('--grace <time>', 'time for a final checkpoint on termination (default: 2m)')
    .option('--keep <time>', 'how long finished objects are kept (default: 1d)')
    .option('--metrics-port <number>', 'metrics port; 0 disables it (default: 9400)')
    .option('--queue <name>', 'Kueue LocalQueue')
    .option('--config <file>', configDoc)
    .option('--out <folder>', 'output folder, or - for standard output', '-')
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (recipe, _rest, flags, command: Command) => {
      const { deployTrain } = await import('../commands/deploy-train.ts')
      onExit(await deployTrain(recipe, recipeArguments(program, command), flags, terminal))
    })
}

const configDoc = 'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)'

/** Flags for `loadDeployment`. */
function addDeploymentFlags(command: Command): Command {
  return command
    .option('--config <file>', configDoc)
    .option('--overlay <name>', 'render an overlay from deploy.overlays instead of the base')
    .option('--cold-start <report>', 'output of `hadal bench coldstart --json`; determines probe times')
}

function addClusterFlags(command: Command): Command {
  return addDeploymentFlags(command)
    .option('-f, --file <path...>', 'rendered files or folders instead of the config file')
    .option(
      '--kubeconfig <file>',
      'kubeconfig file (default: KUBECONFIG, ~/.kube/config, or the pod’s service account)',
    )
    .option('--context <name>', 'kubeconfig context (default: the current context)')
    .option('-n, --namespace <name>', 'namespace to use instead of the one in the manifests')
    .option('--request-timeout <time>', 'timeout per API server request', '15s')
}

/** For tests. */
const pollOption = (): Option => new Option('--poll <time>', 'polling interval').default('1s').hideHelp()

const exitCodesText = (...others: readonly string[]): string =>
  ['\nExit codes:', '0  success', '1  failure', '2  invalid command line or config file', ...others].join(
    '\n  ',
  )
