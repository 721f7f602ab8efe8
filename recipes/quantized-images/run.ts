// Learns Fashion-MNIST with a ResNet-18 in fp32.
//
//   apt-get install dataset-fashion-mnist
//   npx hadal train recipes/quantized-images
//
// --data      folder of the IDX files; without it that of Debian's package

import { parseArgs } from 'node:util'
import { defineRecipe } from '@hadal/train'
import { readImages } from '../private-images/fashion-mnist.ts'
import { imageData, plainOptions } from './options.ts'

export default defineRecipe((said, args) => {
  const { values: flags } = parseArgs({
    args: [...args],
    options: { data: { type: 'string', default: '/usr/share/datasets/fashion-mnist' } },
  })
  return plainOptions(imageData(readImages(flags.data, 'train')), said.folder ?? 'runs/images-fp32')
})
