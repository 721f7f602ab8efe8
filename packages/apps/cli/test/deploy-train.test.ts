/**
 * `hadal deploy train`: its manifests, and training by ranks started according to them. The test plays the kubelet: linked recipe volume,
 * variables, arguments, and a new pod for a terminated one.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { distributedBackends } from '@hadal/tensor'
import { readMetrics } from '@hadal/train'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { freePort } from '../../../kernel/base/test/free-port.ts'
import { type DeployTrainFlags, deployTrain } from '../src/commands/deploy-train.ts'
import { hadalBin } from './hadal-process.ts'
import { type RecordingTerminal, recordingTerminal } from './recording-terminal.ts'

let folder: string
let terminal: RecordingTerminal
let pods: Pod[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-deploy-train-'))
  terminal = recordingTerminal({ folder })
  pods = []
  mkdirSync(join(folder, 'sums/data'), { recursive: true })
  writeFileSync(join(folder, 'sums/run.ts'), recipe)
  writeFileSync(join(folder, 'sums/data/windows.ts'), windows)
  writeFileSync(join(folder, 'sums/run.test.ts'), 'not of the recipe')
  for (const name of ['wandb.env', 'id.pem']) writeFileSync(join(folder, 'sums', name), 'not of the recipe')
})
afterEach(() => {
  for (const { process } of pods) process.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const windows = `
export const windows = (count: number, start: number) => {
  const tokens = Array.from({ length: count * 8 + 1 }, (_, i) => (start + i) ** 2 % 31)
  return { length: 8, count, inputs: Int32Array.from(tokens.slice(0, -1)), targets: Int32Array.from(tokens.slice(1)) }
}
`
/** Without a file \`fast\`, it waits after the step that the file \`hold\` names. */
const recipe = `
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { windows } from './data/windows.ts'
export default {
  name: 'sums',
  folder: 'runs/sums',
  model: {
    vocab_size: 32, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4,
    num_key_value_heads: 2, max_position_embeddings: 8, rms_norm_eps: 1e-5, rope_theta: 1000, tie_word_embeddings: true,
  },
  data: { train: windows(20, 0), valid: windows(6, 7) },
  batch: { windows: 4, accumulate: 1 },
  schedule: { peak: 0.02, warmupSteps: 3, totalSteps: 100, floorFraction: 0.1 },
  evaluate: { everySteps: 20 },
  checkpoint: { everySteps: 20, keep: 2 },
  listeners: [
    async ({ type, step }) => {
      if (type !== 'step' || existsSync('fast')) return
      do await setTimeout(20)
      while (step >= Number(readFileSync('hold', 'utf8')) && !existsSync('fast'))
    },
  ],
}
`

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into.
type Any = any
async function render(flags: DeployTrainFlags, rest: readonly string[] = []): Promise<readonly Any[]> {
  expect(await deployTrain('sums', rest, flags, terminal)).toBe(0)
  return parseAllDocuments(terminal.printed.join('\n')).map((document) => document.toJS())
}
const ofKind = (manifests: readonly Any[], kind: string): Any =>
  manifests.find((manifest) => manifest.kind === kind)

/** A ConfigMap's volume: each of its top entries is a link into a folder that is swapped as a whole. */
function mountRecipe(manifests: readonly Any[], pod: Any): string {
  const { data } = ofKind(manifests, 'ConfigMap')
  const { configMap } = pod.spec.volumes.find(({ name }: Any) => name === 'recipe')
  const mount = join(folder, 'recipe')
  for (const { key, path } of configMap.items) {
    const file = join(mount, '..2026_11_29', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, data[key])
    const [top] = path.split('/')
    if (!existsSync(join(mount, top))) symlinkSync(join('..data', top), join(mount, top))
    if (!existsSync(join(mount, '..data'))) symlinkSync('..2026_11_29', join(mount, '..data'))
  }
  return mount
}

interface Pod {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  said: string
}

interface Place {
  readonly recipe: string
  readonly masterPort: number
  readonly metricsPort: number
}

/** On this machine alone: the host name of pod 0 is the loopback network's, and ports are free ones. */
function startPod(template: Any, index: number, place: Place, controllers: Record<string, string> = {}): Pod {
  const [container] = template.spec.containers
  const variables = Object.fromEntries(
    container.env.map(({ name, value, valueFrom }: Any) => {
      if (valueFrom === undefined) return [name, value]
      expect(valueFrom.fieldRef.fieldPath).toContain('job-completion-index')
      return [name, String(index)]
    }),
  )
  const here: Record<string, string> = {
    '/opt/hadal/recipe': place.recipe,
    [String(ofPort(template, 'metrics'))]: String(place.metricsPort),
    '0.0.0.0': '127.0.0.1',
  }
  const process_ = spawn(
    process.execPath,
    [hadalBin, ...container.args.map((argument: string) => here[argument] ?? argument)],
    {
      cwd: workFolder(),
      env: {
        ...process.env,
        ...controllers,
        ...variables,
        ...('MASTER_ADDR' in variables && {
          MASTER_ADDR: '127.0.0.1',
          MASTER_PORT: String(place.masterPort),
        }),
        OMP_NUM_THREADS: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const pod: Pod = {
    process: process_,
    ended: once(process_, 'close').then(([code]) => code as number | null),
    said: '',
  }
  for (const stream of [process_.stdout, process_.stderr]) stream.on('data', (text) => (pod.said += text))
  pods.push(pod)
  return pod
}

const ofPort = (template: Any, name: string): number =>
  template.spec.containers[0].ports.find((port: Any) => port.name === name).containerPort

/** The claim. */
function workFolder(): string {
  const path = join(folder, 'claim')
  mkdirSync(path, { recursive: true })
  return path
}

const lossSteps = (): number[] => {
  const path = join(workFolder(), 'runs/sums/metrics.jsonl')
  return existsSync(path)
    ? readMetrics(path).flatMap(({ step, loss }) => (loss === undefined ? [] : [step]))
    : []
}

async function newPlace(manifests: readonly Any[], template: Any): Promise<Place> {
  return {
    recipe: mountRecipe(manifests, template),
    masterPort: await freePort(),
    metricsPort: await freePort(),
  }
}

describe.skipIf(!distributedBackends().includes('gloo'))(
  'ranks that are started as the manifests say',
  () => {
    it('meet, serve their metrics, end together when one pod is killed or evicted, and go on when it is made again', async () => {
      const manifests = await render({ nodes: '2', nproc: '1' })
      const { name } = ofKind(manifests, 'Job').metadata
      const { template } = ofKind(manifests, 'Job').spec
      const master = template.spec.containers[0].env.find((each: Any) => each.name === 'MASTER_ADDR').value
      expect(master).toBe(`${name}-0.${template.spec.subdomain}`)
      const place = await newPlace(manifests, template)
      const startBoth = () => [0, 1].map((index) => startPod(template, index, place))
      const ends = (both: readonly Pod[]) => Promise.all(both.map(({ ended }) => ended))
      const untilStep = (least: number) =>
        expect.poll(() => lossSteps().at(-1) ?? 0, { interval: 50 }).toBeGreaterThan(least)
      const holdAfter = (step: number): void => writeFileSync(join(workFolder(), 'hold'), String(step))

      // Later than the checkpoint after step 20, and before the one after step 40.
      holdAfter(30)
      const killed = startBoth()
      await untilStep(21)
      const metrics = await (await fetch(`http://127.0.0.1:${place.metricsPort}/metrics`)).text()
      expect(metrics).toContain('hadal_train_world_size{run="sums"} 2\n')
      expect(metrics).toMatch(/^hadal_train_loss\{run="sums"\} \d/m)
      killed[1]!.process.kill('SIGKILL')
      holdAfter(100)
      expect(await ends(killed)).toEqual([1, null])
      expect(killed[0]!.said).toContain('error[tensor_distributed_peer_lost]')

      holdAfter(35)
      const evicted = startBoth()
      await untilStep(32)
      evicted[1]!.process.kill('SIGTERM')
      holdAfter(100)
      // Neither counts as a failure: docs/deploy-training.md.
      expect(await ends(evicted)).toEqual([143, 143])
      expect(evicted[0]!.said).toContain('resumes after step 20, 100 steps in all, on 2 ranks')
      const stoppedAt = lossSteps().at(-1)!
      expect(stoppedAt).toBeLessThan(100)

      writeFileSync(join(workFolder(), 'fast'), '')
      const last = startBoth()
      expect(await ends(last)).toEqual([0, 0])
      expect(last[0]!.said).toContain(`resumes after step ${stoppedAt}, 100 steps in all, on 2 ranks`)
      expect(lossSteps()).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
    })

    it('join through the variables that Kubeflow Trainer sets, with several processes per pod', async () => {
      writeFileSync(join(workFolder(), 'fast'), '')
      const manifests = await render({ as: 'trainjob', nodes: '2', nproc: '2' }, [
        '--schedule-total-steps',
        '6',
      ])
      const [job] = ofKind(manifests, 'TrainingRuntime').spec.template.spec.replicatedJobs
      const { template } = job.template.spec
      const { numNodes, numProcPerNode } = ofKind(manifests, 'TrainJob').spec.trainer
      const place = await newPlace(manifests, template)
      // As the torch plugin sets them.
      const reported = (index: number): Record<string, string> => ({
        PET_NNODES: String(numNodes),
        PET_NPROC_PER_NODE: String(numProcPerNode),
        PET_NODE_RANK: String(index),
        PET_MASTER_ADDR: '127.0.0.1',
        PET_MASTER_PORT: String(place.masterPort),
      })
      const both = [0, 1].map((index) => startPod(template, index, place, reported(index)))
      expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0])
      expect(both[0]!.said).toContain('on 4 ranks')
      expect(lossSteps()).toEqual([1, 2, 3, 4, 5, 6])
    })

    it('end with exit code 2 where the run is none, for which a Job gives up at once', async () => {
      const manifests = await render({}, ['--batch-windows', '0'])
      const { template, podFailurePolicy } = ofKind(manifests, 'Job').spec
      const pod = startPod(template, 0, await newPlace(manifests, template))
      expect(podFailurePolicy.rules.at(-1)).toMatchObject({ action: 'FailJob', onExitCodes: { values: [2] } })
      expect(await pod.ended).toBe(2)
      expect(pod.said).toContain('error[train_invalid_run]')
    })
  },
)

describe('the command', () => {
  it('says what it chose, and writes to a folder over nothing but what it wrote', async () => {
    const out = join(folder, 'out')
    expect(await deployTrain('sums', [], { out, nodes: '2' }, terminal)).toBe(0)
    expect(terminal.printed).toEqual([])
    expect(terminal.noted.join('\n')).toMatch(/^gpus: 0 \(hadal-train:.*\nrun folder: ReadWriteMany/ms)
    const path = join(out, 'sums.yaml')
    expect(terminal.noted.at(-1)).toBe(`written: ${path}`)
    expect(readFileSync(path, 'utf8')).not.toContain('not of the recipe')
    expect(await deployTrain('sums', [], { out }, terminal)).toBe(0)
    writeFileSync(path, 'mine')
    await expect(deployTrain('sums', [], { out }, terminal)).rejects.toMatchObject({
      code: 'deploy_folder_taken',
    })
    writeFileSync(join(folder, 'file'), '')
    await expect(deployTrain('sums', [], { out: 'file' }, terminal)).rejects.toMatchObject({
      code: 'deploy_folder_unwritable',
    })
  })

  it('takes cluster and figures from the config file', async () => {
    writeFileSync(
      join(folder, 'hadal.config.json'),
      JSON.stringify({
        deploy: { namespace: 'lab', memoryLimit: '64Gi', gpuLabel: 'accelerator', gpuLabelValues: ['a'] },
      }),
    )
    const manifests = await render({ gpus: '1', image: 'r/t:1', grace: '10m', keep: '0s', queue: 'team' })
    const { metadata, spec } = ofKind(manifests, 'Job')
    expect(metadata).toMatchObject({
      namespace: 'lab',
      labels: { 'kueue.x-k8s.io/queue-name': 'team' },
    })
    expect(spec.ttlSecondsAfterFinished).toBe(0)
    expect(spec.template.spec).toMatchObject({
      terminationGracePeriodSeconds: 600,
      containers: [{ image: 'r/t:1', resources: { limits: { memory: '64Gi', 'nvidia.com/gpu': '1' } } }],
    })
  })

  it('refuses what is no number, no time, or no recipe', async () => {
    const refused = (flags: DeployTrainFlags, recipe = 'sums') =>
      expect(deployTrain(recipe, [], flags, terminal)).rejects
    await refused({ nodes: 'two' }).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--nodes'),
    })
    await refused({ grace: 'long' }).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--grace'),
    })
    await refused({}, 'nothing').toMatchObject({ code: 'recipe_not_found' })
    await refused({}, 'sums/run.ts').toMatchObject({ code: 'deploy_recipe_incomplete' })
    await refused({ nodes: '0' }).toMatchObject({ code: 'deploy_training_invalid' })
  })
})
