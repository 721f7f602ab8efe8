/** Fresh weights for a residual network, as torchvision begins. */

import { noGrad } from '@hadal/tensor'
import { Conv2d } from '../convolution.ts'
import { initializeLayers } from '../initialize-layers.ts'
import { namedModules } from '../module.ts'
import { BasicBlock } from './blocks.ts'
import type { ResNet } from './model.ts'

/**
 * Fills every parameter and statistic in place from the global generator: convolutions normal, of variance 2 over what each input
 * feeds (He et al. 2015, arXiv:1502.01852), the last layer as PyTorch's own, norms 1 and 0.
 *
 * @internal
 */
export function initializeResNet(model: ResNet): void {
  initializeLayers(model)
  noGrad(() => {
    for (const [, module] of namedModules(model)) {
      if (!(module instanceof Conv2d)) continue
      const [outputs, , height, width] = module.weight.shape as [number, number, number, number]
      module.weight.normal_(0, Math.sqrt(2 / (outputs * height * width)))
    }
    if (!model.config.zeroInitResidual) return
    for (const block of model.blocks) (block instanceof BasicBlock ? block.bn2 : block.bn3).weight.fill_(0)
  })
}
