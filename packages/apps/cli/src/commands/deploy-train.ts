/** `hadal deploy train`: a training run as manifests, for the cluster that the service's config describes. Trains nothing. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf, parseMillis } from '@hadal/base'
import { deployFolderTaken, deployFolderUnwritable } from '@hadal/cluster'
import { checkService, loadConfigIsolated, resolveSettings, serviceSettings } from '@hadal/config'
import { planTraining, type TrainingForm, type TrainingPlan, toYaml, trainingManifests } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, usage } from '@hadal/output'
import { version } from '@hadal/service'
import { readRecipe, recipeName } from '../deploy/read-recipe.ts'

export interface DeployTrainFlags {
  readonly as?: TrainingForm
  readonly config?: string
  readonly name?: string
  readonly namespace?: string
  readonly nodes?: string
  readonly nproc?: string
  readonly gpus?: string
  readonly image?: string
  readonly recipeInImage?: boolean
  readonly runClaim?: string
  readonly runSize?: string
  readonly dataClaim?: string
  readonly storageClass?: string
  readonly restarts?: string
  readonly grace?: string
  readonly keep?: string
  readonly metricsPort?: string
  readonly queue?: string
  /** A folder, or `-`. */
  readonly out?: string
}

/** `rest` contains flags and arguments of `hadal train` after the recipe. Resolves with the exit code. */
export async function deployTrain(
  recipe: string,
  rest: readonly string[],
  flags: DeployTrainFlags,
  terminal: Terminal,
): Promise<number> {
  const file = await loadConfigIsolated(terminal.folder, flags.config)
  const { values } = resolveSettings(serviceSettings, { file }, { check: checkService })
  const { namespace = values.deploy.namespace, storageClass = values.deploy.storageClass } = flags
  const plan = planTraining(
    {
      name: flags.name ?? recipeName(recipe),
      form: flags.as ?? 'job',
      recipe: flags.recipeInImage ? { kind: 'image', path: recipe } : readRecipe(recipe, terminal.folder),
      args: rest,
      nodes: whole('--nodes', flags.nodes),
      nproc: whole('--nproc', flags.nproc),
      gpus: whole('--gpus', flags.gpus),
      image: flags.image,
      runClaim: flags.runClaim,
      runSize: flags.runSize,
      dataClaim: flags.dataClaim,
      restarts: whole('--restarts', flags.restarts),
      terminationGraceSeconds: seconds('--grace', flags.grace),
      keepSeconds: seconds('--keep', flags.keep),
      metricsPort: whole('--metrics-port', flags.metricsPort),
      queue: flags.queue,
    },
    { deploy: { ...values.deploy, namespace, storageClass }, monitor: values.monitor, version },
  )
  const yaml = toYaml(trainingManifests(plan), heading(plan))
  for (const { what, why } of plan.reasons) terminal.note(`${what} (${why})`)
  if (flags.out === undefined || flags.out === '-') terminal.print(yaml.trimEnd())
  else terminal.note(say`written: ${write(resolve(terminal.folder, flags.out), `${plan.name}.yaml`, yaml)}`)
  return exitCodes.success
}

const mark = 'Rendered by `hadal deploy train`'

const heading = ({ name, namespace, nodes, nproc, version: by }: TrainingPlan): string =>
  `${mark} ${by}: ${nodes * nproc} rank(s) in ${nodes} pod(s).
Apply it with: kubectl apply --server-side -f FILE (namespace ${namespace} must be there)
Follow it with: kubectl logs -n ${namespace} -f -l app.kubernetes.io/instance=${name},batch.kubernetes.io/job-completion-index=0`

/** Overwrites only previously rendered files. */
function write(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  try {
    mkdirSync(folder, { recursive: true })
    const isOthers = existsSync(path) && !readFileSync(path, 'utf8').startsWith(`# ${mark}`)
    if (isOthers) throw deployFolderTaken(folder)
    writeFileSync(path, text)
    return path
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'deploy_folder_taken') throw thrown
    throw deployFolderUnwritable(folder, messageOf(thrown)).with({ cause: thrown })
  }
}

function whole(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text))
    throw usage(say`${flag} must be a whole number, not ${text}`, 'hadal deploy train')
  return Number(text)
}

function seconds(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    return Math.round(parseMillis(text) / 1000)
  } catch (thrown) {
    throw usage(`${flag}: ${messageOf(thrown)}`, 'hadal deploy train')
  }
}
