/** What a run trains at its beginning: a whole model, or adapters and a head beside a frozen one. Knows nothing about steps. */

import {
  checkWeights,
  computeDtype,
  initializeDecoder,
  type LanguageModel,
  LoraAdapters,
  loadInNf4,
  loadParameters,
  loraDefaults,
  MasterWeights,
} from '@hadal/nn'
import { getRngState, noGrad, scope, setRngState, type Tensor } from '@hadal/tensor'
import type { DividedModel } from './parallel/divided-model.ts'
import type { Run } from './run.ts'
import { hostTensor, type Weights } from './weights.ts'

type Parameters = Pick<LanguageModel, 'parameters'>

export interface StartingWeights {
  readonly weights: MasterWeights
  /** What is trained instead of the model, in runs of adapters. */
  readonly adapters: LoraAdapters | undefined
}

/** Gives `model` and `head` their weights; with `divided` this rank's part of them. Tensors belong to the caller's scope. */
export function startingWeights(
  model: LanguageModel,
  head: Parameters | undefined,
  run: Run,
  divided: DividedModel | undefined,
): StartingWeights {
  if (run.adapter) return adapted(model, head, run, divided)
  return { weights: whole(model, head, run, divided), adapters: undefined }
}

/** Everything is trained. */
function whole(
  model: LanguageModel,
  head: Parameters | undefined,
  run: Run,
  divided: DividedModel | undefined,
): MasterWeights {
  const weights = new MasterWeights(joined(model, head))
  if (divided) divided.initialize(weights.masters)
  else initializeDecoder(weights.masters, run.model.num_hidden_layers)
  if (run.startFrom) begin(weights.masters, run.startFrom, divided)
  weights.publish()
  return weights
}

/** The model is as it was given; adapters beside it are trained, and the head if there is one. */
function adapted(
  model: LanguageModel,
  head: Parameters | undefined,
  run: Run,
  divided: DividedModel | undefined,
): StartingWeights {
  initializeDecoder(head?.parameters() ?? new Map(), run.model.num_hidden_layers)
  const options = { ...loraDefaults, ...run.adapter }
  if (options.quantization === 'none') begin(joined(model, head).parameters(), run.startFrom!, divided)
  else beginInNf4(model, head, run.startFrom!, options.doubleQuantization)
  const random = getRngState()
  const adapters = new LoraAdapters(model, options, computeDtype[run.precision])
  if (divided) {
    setRngState(random)
    divided.initializeAdapters(adapters.parameters())
  }
  return { weights: new MasterWeights(joined(adapters, head)), adapters }
}

const joined = (model: Parameters, head: Parameters | undefined): Parameters => ({
  parameters: () => new Map([...model.parameters(), ...(head?.parameters() ?? [])]),
})

/** A head that `start` does not have keeps its fresh weights. Throws `nn_weights_mismatch`. */
function begin(masters: ReadonlyMap<string, Tensor>, start: Weights, divided?: DividedModel): void {
  const wanted = new Map([...masters].filter(([name]) => start.has(name) || !name.startsWith('score.')))
  if (divided) {
    scope(() => loadParameters(wanted, divided.cut(start)))
    return
  }
  checkWeights(wanted, start)
  // One after the other: they may lie in files.
  for (const [name, master] of wanted)
    scope(() => noGrad(() => void master.copy_(hostTensor(start.get(name)!))))
}

/** The same, with the model's linear modules in NF4: no more than one matrix is there whole at a time. */
function beginInNf4(
  model: LanguageModel,
  head: Parameters | undefined,
  start: Weights,
  double: boolean,
): void {
  const isHead = ([name]: readonly [string, unknown]): boolean => name.startsWith('score.')
  begin(head?.parameters() ?? new Map(), new Map([...start].filter(isHead)))
  const body = new Map([...start].filter((entry) => !isHead(entry)))
  loadInNf4(model, body, (name) => hostTensor(body.get(name)!), double)
}
