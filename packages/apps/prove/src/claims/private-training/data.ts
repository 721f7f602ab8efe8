/** The data as scattering features: generated images, or Fashion-MNIST if installed. */

import { existsSync } from 'node:fs'
import { fashionMnist, readFashionMnist } from '@hadal/images'
import { scatteringFeatures } from '@hadal/nn'
import type { LabelledImages } from '@hadal/train'
import type { ClaimContext } from '../../claim.ts'
import { drawClasses } from '../../drawings/classes.ts'
import type { FeatureData } from './options.ts'

/** Side of the drawn images, in pixels. */
const side = 16
const drawnRows = { quick: 20_000, full: 60_000 } as const
const testRows = { quick: 4000, full: 10_000 } as const

export function readData({ mode, seed, note }: Pick<ClaimContext, 'mode' | 'seed' | 'note'>): FeatureData {
  if (mode === 'full' && existsSync(fashionMnist.folder)) {
    note('computing the features of 70,000 pictures')
    const [train, test] = [
      readFashionMnist(fashionMnist.folder, 'train'),
      readFashionMnist(fashionMnist.folder, 't10k'),
    ]
    return {
      what: 'Fashion-MNIST, its 10,000 test images',
      train: featuresOf(train, fashionMnist.side),
      test: featuresOf(test, fashionMnist.side),
    }
  }
  note('drawing pictures and computing their features')
  // Rows of the test are drawn from a seed that no row of training has.
  const draw = (of: number, count: number): LabelledImages =>
    featuresOf(drawClasses({ seed: of, count, side, noise: 0.08, turn: 0.45 }), side)
  const missing =
    mode === 'full' ? ' (Fashion-MNIST is not installed: apt-get install dataset-fashion-mnist)' : ''
  return {
    what: `pictures of ten shapes, drawn from the seed, ${testRows[mode]} of them held out${missing}`,
    train: draw(2 * seed, drawnRows[mode]),
    test: draw(2 * seed + 1, testRows[mode]),
  }
}

function featuresOf(
  { pixels, labels }: { readonly pixels: Uint8Array | Float32Array; readonly labels: Int32Array },
  width: number,
): LabelledImages {
  const features = scatteringFeatures({ pixels: pixels as Uint8Array, side: width })
  return { shape: [features.width], pixels: features.values, labels }
}
