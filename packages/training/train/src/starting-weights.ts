/** The trainable parameters of a run at its start: a whole model, or adapters and a head of a frozen one. */

import {
  checkWeights,
  computeDtype,
  initializeDecoder,
  LoraAdapters,
  loadInNf4,
  loadParameters,
  loraDefaults,
  MasterWeights,
  type Module,
} from '@hadal/nn'
import { getRngState, noGrad, scope, setRngState, type Tensor } from '@hadal/tensor'
import type { OpenModel } from './kinds/open-model.ts'
import type { DividedModel } from './parallel/divided-model.ts'
import type { Run } from './run.ts'
import { hostTensor, type Weights } from './weights.ts'

type Parameters = Pick<Module, 'parameters'>

export interface StartingWeights {
  readonly weights: MasterWeights
  /** Trained instead of the model, in adapter runs. */
  readonly adapters: LoraAdapters | undefined
}

/** Gives `model` and `head` their weights; with `divided` this rank's part of them. Tensors belong to the caller's scope. */
export function startingWeights(
  model: OpenModel,
  head: Parameters | undefined,
  run: Run,
  divided: DividedModel | undefined,
): StartingWeights {
  if (run.adapter) return adapted(model, head, run, divided)
  return { weights: whole(model, head, run, divided), adapters: undefined }
}

/** Everything is trained. */
function whole(
  model: OpenModel,
  head: Parameters | undefined,
  run: Run,
  divided: DividedModel | undefined,
): MasterWeights {
  const weights = new MasterWeights(joined(model.module, head))
  model.initialize(weights.masters)
  if (run.startFrom) begin(new Map([...weights.masters, ...model.module.buffers()]), run.startFrom, divided)
  weights.publish()
  return weights
}

/** The base model is given and frozen; its adapters are trained, and the head if there is one. */
function adapted(
  { module }: OpenModel,
  head: Parameters | undefined,
  run: Run,
  divided: DividedModel | undefined,
): StartingWeights {
  // A head's initialisation is not scaled by the number of layers.
  initializeDecoder(head?.parameters() ?? new Map(), 1)
  const options = { ...loraDefaults, ...run.adapter }
  if (options.quantization === 'none')
    begin(joined({ parameters: () => module.state() }, head).parameters(), run.startFrom!, divided)
  else beginInNf4(module, head, run.startFrom!, options.doubleQuantization)
  const random = getRngState()
  const adapters = new LoraAdapters(module, options, computeDtype[run.precision])
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
  // One at a time, because they may be read from files.
  for (const [name, master] of wanted)
    scope(() => noGrad(() => void master.copy_(hostTensor(start.get(name)!))))
}

/** The same, with the model's linear modules in NF4: no more than one matrix is there whole at a time. */
function beginInNf4(model: Module, head: Parameters | undefined, start: Weights, double: boolean): void {
  const isHead = ([name]: readonly [string, unknown]): boolean => name.startsWith('score.')
  begin(head?.parameters() ?? new Map(), new Map([...start].filter(isHead)))
  const body = new Map([...start].filter((entry) => !isHead(entry)))
  loadInNf4(model, body, (name) => hostTensor(body.get(name)!), double)
}
