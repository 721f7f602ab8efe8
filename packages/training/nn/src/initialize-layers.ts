/** Default initialisation of layers, as in PyTorch. */

import { noGrad } from '@hadal/tensor'
import { Conv1d, Conv2d } from './convolution.ts'
import { Embedding, Linear, RmsNorm } from './layers.ts'
import { type Module, namedModules } from './module.ts'
import { BatchNorm2d, GroupNorm, LayerNorm } from './normalization.ts'

/**
 * Fills `root`, if it is a layer, and every layer below it in place from the global generator: linear and convolution uniform within
 * ±1 / √(inputs of one output), weights and biases alike; embeddings standard normal; norms 1, their biases 0; running means 0 and
 * variances 1. A parameter that a model has outside its layers is not touched.
 *
 * @example
 * ```ts
 * import { manualSeed } from '@hadal/tensor'
 * import { initializeLayers, Linear } from '@hadal/nn'
 *
 * manualSeed(1)
 * const linear = new Linear(16, 8, 'float32')
 * initializeLayers(linear)
 * Number(linear.weight.abs().max().item()) < 1 // → true
 * ```
 */
export function initializeLayers(root: Module): void {
  noGrad(() => {
    initialize(root)
    for (const [, module] of namedModules(root)) initialize(module)
  })
}

function initialize(module: Module): void {
  if (module instanceof Linear || module instanceof Conv1d || module instanceof Conv2d) {
    const most = 1 / Math.sqrt(module.weight.shape.slice(1).reduce((product, size) => product * size, 1))
    module.weight.uniform_(-most, most)
    module.bias?.uniform_(-most, most)
  } else if (module instanceof Embedding) {
    module.weight.normal_(0, 1)
  } else if (
    module instanceof RmsNorm ||
    module instanceof LayerNorm ||
    module instanceof GroupNorm ||
    module instanceof BatchNorm2d
  ) {
    module.weight.fill_(1)
    if ('bias' in module) module.bias?.fill_(0)
  }
  if (module instanceof BatchNorm2d) {
    module.runningMean.fill_(0)
    module.runningVar.fill_(1)
  }
}
