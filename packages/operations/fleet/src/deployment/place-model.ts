/**
 * Location of an engine's weights: in its image, downloaded before it starts, or on a volume. Local paths in the config refer to
 * the volume in the pod. Pure.
 */

import type { Deploy } from '@hadal/config'
import type { ModelPlan } from './deployment.ts'
import { lastPart, type ModelRef } from './model-ref.ts'
import type { Notes } from './notes.ts'
import type { PlannedModel } from './planned-model.ts'
import { modelsFolder } from './pod-paths.ts'

export interface PlacedModel {
  readonly plan: Omit<ModelPlan, 'bytes'>
  readonly adapters: PlannedModel['adapters']
  readonly draftModel: string | undefined
}

interface Images {
  readonly hadal: string
  readonly engine: string
}

export function placeModel(model: PlannedModel, deploy: Deploy, images: Images, notes: Notes): PlacedModel {
  const { ref, id, given } = model
  const storage = storageOf(model, deploy, notes)
  const files = filesNextTo(model)
  const withVolume = storage === 'image' && files.length > 0 ? 'claim' : storage
  if (storage === 'download' && files.length > 0 && deploy.modelClaim === undefined)
    notes.issue(
      `${id}: ${files.join(', ')} would not be in the pod: set deploy.modelClaim to a volume that contains them, to which the weights are then downloaded`,
    )
  const names = [...(storage === 'claim' && ref.kind === 'path' ? [given] : []), ...files]
  for (const twice of names.filter(
    (path, at) => names.findIndex((each) => inVolume(each) === inVolume(path)) !== at,
  ))
    notes.issue(`${id}: two files would both be ${inVolume(twice)} in the volume: rename one`)
  const needsClaim = withVolume === 'claim'
  const claim = needsClaim
    ? (deploy.modelClaim ?? `${deploy.name}-models`)
    : withVolume === 'download'
      ? (deploy.modelClaim ?? '')
      : ''
  const plan: PlacedModel['plan'] = {
    ref: refInPod(model, storage, deploy),
    storage: withVolume,
    source: storage === 'download' ? given : undefined,
    download: storage === 'download' ? download(model, deploy, images) : undefined,
    mountPath: modelsFolder,
    claim,
    makesClaim: needsClaim && deploy.modelClaim === undefined,
    storageClass: deploy.storageClass,
  }
  reportStorage(model, plan, files, notes)
  return {
    plan,
    adapters: model.adapters.map((adapter) => ({ ...adapter, path: inVolume(adapter.path) })),
    draftModel: isFile(model.draftModel) ? inVolume(model.draftModel!) : model.draftModel,
  }
}

function storageOf({ ref, id, given }: PlannedModel, deploy: Deploy, notes: Notes): ModelPlan['storage'] {
  if (ref.kind === 'bundled') return 'image'
  const said = deploy.modelStorage
  if (said === undefined) return ref.kind === 'path' ? 'claim' : 'download'
  if (said === 'download' && ref.kind === 'path')
    notes.issue(`${id}: ${given} is a path and cannot be downloaded: set modelStorage to claim or image`)
  if (said === 'image' && (ref.kind !== 'path' || !given.startsWith('/')))
    notes.issue(
      `${id}: modelStorage image needs the path of the weights in the image, such as /weights/model.gguf`,
    )
  return said
}

const isFile = (given: string | undefined): boolean =>
  given !== undefined && !/^(hf:|https?:)/i.test(given) && !/^[\w-]+$/.test(given)

/** Files of adapters and the draft model. */
const filesNextTo = ({ adapters, draftModel }: PlannedModel): string[] => [
  ...adapters.map(({ path }) => path),
  ...(isFile(draftModel) ? [draftModel!] : []),
]

/** A path that is in the volume already stays; of others the last part does. */
function inVolume(path: string): string {
  return path.startsWith(`${modelsFolder}/`) ? path : `${modelsFolder}/${lastPart(path)}`
}

function refInPod({ given, ref }: PlannedModel, storage: ModelPlan['storage'], { engine }: Deploy): string {
  if (storage === 'image') return given
  if (ref.kind === 'path') return inVolume(given)
  return engine === 'llama' ? given : `${modelsFolder}/${ref.repo}`
}

function download(
  { given, ref, draftModel }: PlannedModel,
  { engine, modelClaim }: Deploy,
  images: Images,
): ModelPlan['download'] {
  if (engine !== 'llama') return { image: images.engine, command: hubDownload(ref) }
  const isKept = modelClaim !== undefined
  const drafted = draftModel !== undefined && /^(hf:|https?:)/i.test(draftModel) ? [draftModel] : []
  const command =
    drafted.length === 0 && !isKept
      ? pull(given)
      : ['sh', '-c', [given, ...drafted].map((each) => pullInShell(each, isKept)).join(' && ')]
  return { image: images.hadal, command }
}

const pull = (ref: string): string[] => ['hadal', 'models', 'pull', ref, '--cache-dir', modelsFolder]

/** Cached files are used unchanged: a restarted engine needs no hub and has the same weights as the other engines. */
function pullInShell(ref: string, isKept: boolean): string {
  const line = pull(ref).map(quoted).join(' ')
  return isKept ? `(${line} --offline 2>/dev/null || ${line})` : line
}

/** For a shell. */
const quoted = (word: string): string =>
  /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** Without what Llama's repositories have alongside the checkpoint: the same weights as PyTorch keeps them. */
const hubDownload = ({ repo, revision }: ModelRef): string[] => [
  'hf',
  'download',
  repo!,
  ...(revision === undefined ? [] : ['--revision', revision]),
  '--local-dir',
  `${modelsFolder}/${repo}`,
  '--exclude',
  'original/*',
]

function reportStorage(
  { id, ref }: PlannedModel,
  { storage, claim, makesClaim, ref: place }: PlacedModel['plan'],
  files: readonly string[],
  notes: Notes,
): void {
  const what = `weights of ${id}`
  if (storage === 'image')
    notes.chose(what, ref.kind === 'bundled' ? 'in the Hadal image' : `in the image, at ${place}`)
  if (storage === 'download')
    notes.chose(
      what,
      claim === ''
        ? 'downloaded into the pod before the engine starts, separately for each pod; a modelClaim keeps them'
        : `downloaded into the volume ${claim} before the engine starts, if not already there`,
    )
  if (storage !== 'claim') return
  const wanted = [...(ref.kind === 'bundled' ? [] : [place]), ...files.map(inVolume)]
  const where = wanted.every((each) => each.startsWith(modelsFolder))
    ? wanted.map((each) => each.slice(modelsFolder.length + 1)).join(', ')
    : `the output of \`hadal models pull ${place} --cache-dir\``
  notes.chose(
    what,
    `in the volume ${claim}, which ${makesClaim ? 'is created and must be filled' : 'already exists'}: ${where}`,
  )
}
