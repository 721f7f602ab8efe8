/** Weights that are there only while they are read: the same gradients, however the backward pass is cut. */

import {
  createModel,
  type DecoderConfig,
  initializeDecoder,
  MasterWeights,
  PartParameters,
  runHeld,
  runOnTape,
  type Segment,
  SharedWeights,
  Shares,
  Tape,
} from '@hadal/nn'
import {
  manualSeed,
  memory,
  noGrad,
  ProcessGroup,
  scope,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'
import { expect, it } from 'vitest'

setNumThreads(1)

const config: DecoderConfig = {
  vocab_size: 32,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: true,
}

const plans: [string, readonly Segment[]][] = [
  ['kept', Array.from({ length: 6 }, () => ({ parts: 1, mode: 'kept' }))],
  ['light', Array.from({ length: 6 }, () => ({ parts: 1, mode: 'light' }))],
  [
    'computed again, two layers at a time',
    [
      { parts: 4, mode: 'recomputed' },
      { parts: 2, mode: 'recomputed' },
    ],
  ],
  [
    'all together',
    [
      { parts: 1, mode: 'light' },
      { parts: 3, mode: 'recomputed' },
      { parts: 2, mode: 'kept' },
    ],
  ],
]

it.each(plans)('%s', (_, segments) => {
  scope(() => {
    manualSeed(1)
    memory()
    const model = createModel(config)
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    const ids_bt = torch.randint(32, [2, 8])
    const parameters = new PartParameters(model.parameters())
    const weights = new MasterWeights(model)
    const gradients = (tape: Tape, of: Pick<MasterWeights, 'gradients'>): Tensor[] => {
      const loss = scope(() => {
        const hidden_btd = model.hidden(ids_bt, undefined, runOnTape(tape, segments, parameters))
        return model.logits(hidden_btd).square().sum()
      })
      return of.gradients(loss, tape)
    }
    const expected = gradients(new Tape(1), weights).map((gradient) => gradient.toArray())
    const read = noGrad(() => model.logits(model.hidden(ids_bt)).toArray())

    const shapes = new Map([...weights.working].map(([name, { shape }]) => [name, shape]))
    const alone = new ProcessGroup(0, 0, [0])
    const before = memory().currentBytes
    const options = { bucketBytes: 1024, onDemand: true }
    const shared = new SharedWeights(weights, new Shares(shapes, 'rows', alone), alone, options)
    // Masters are copies here, and what they are copies of is gone.
    expect(memory().currentBytes).toBe(before)

    const found = shared.hold(shared.outside, () => gradients(new Tape(1, shared.hold), shared))
    expect(found.map((gradient) => gradient.toArray())).toEqual(expected)
    const again = shared.hold(shared.outside, () =>
      noGrad(() => model.logits(model.hidden(ids_bt, undefined, runHeld(shared.hold, parameters))).toArray()),
    )
    expect(again).toEqual(read)
    noGrad(() => torch._foreachZero_([...shared.masters.values()]))
    shared.publish()
    const all = [...shared.working.values()]
    expect(shared.hold(all, () => all.map((each) => each.abs().sum().item()))).toEqual(all.map(() => 0))
  })
})
