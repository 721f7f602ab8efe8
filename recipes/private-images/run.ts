// Learns Fashion-MNIST with a guarantee: whether any one image was in the training data can hardly be told from the weights (epsilon 3,
// delta 1/60000). Scattering features that are not learnt, a linear classifier on them, wide batches, much momentum: as in Tramèr and
// Boneh, arXiv:2011.11660. docs/private-training.md has what it comes to.
//
//   apt-get install dataset-fashion-mnist
//   npx hadal train recipes/private-images                     private: some minutes on one core, 2 GiB
//   npx hadal train recipes/private-images --plan              epsilon against steps
//   npx hadal train recipes/private-images -- --plain          its twin without privacy
//
// --data      folder of the IDX files; without it that of Debian's package
// --plain     without privacy
// --tune      trains on the first 50,000 training images and measures on the other 10,000: for changing settings
//
// What stands before `--` are settings of the run: docs/training-settings.md.

import { parseArgs } from 'node:util'
import { fashionMnist, readFashionMnist, someFashionImages } from '@hadal/images'
import { defineRecipe } from '@hadal/train'
import { featuresOf } from './features.ts'
import { type FeatureData, plainOptions, privateOptions } from './options.ts'

export default defineRecipe((said, args) => {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: fashionMnist.folder },
      plain: { type: 'boolean', default: false },
      tune: { type: 'boolean', default: false },
    },
  })
  const data = flags.tune ? tuningData(flags.data) : finalData(flags.data)
  const folder = said.folder ?? `runs/${flags.plain ? 'plain' : 'private'}-images`
  return flags.plain ? plainOptions(data, folder) : privateOptions(data, folder)
})

function finalData(folder: string): FeatureData {
  const [train, valid] = [readFashionMnist(folder, 'train'), readFashionMnist(folder, 't10k')]
  return { train: featuresOf(train), valid: featuresOf(valid) }
}

function tuningData(folder: string): FeatureData {
  const all = readFashionMnist(folder, 'train')
  const [split, end] = [all.labels.length - 10_000, all.labels.length]
  return {
    train: featuresOf(someFashionImages(all, 0, split)),
    valid: featuresOf(someFashionImages(all, split, end)),
  }
}
