// Learns Fashion-MNIST with a ResNet-18, first in fp32, then so that it is as good on eight bits: what integers will compute is
// computed in training already (Jacob et al. 2017, arXiv:1712.05877). docs/quantization.md has what it comes to.
//
//   apt-get install dataset-fashion-mnist
//   npx hadal train recipes/quantized-images                   fp32: 3.5 epochs, half an hour on a core
//   npx hadal train recipes/quantized-images -- --int8         on from there: fp32, bf16, int8, in two minutes
//   npx hadal export runs/images-int8 --format onnx --out images-int8.onnx
//
// --data      folder of the IDX files; without it that of Debian's package
// --int8      trains for eight bits, from the run in fp32
// --from      folder of that run
//
// What stands before `--` are settings of the run: docs/training-settings.md.

import { parseArgs } from 'node:util'
import { fashionMnist, readFashionMnist } from '@hadal/images'
import { defineRecipe, newestWeights, saveImageRun } from '@hadal/train'
import { classNames, folders, imageData, int8Options, plainOptions } from './options.ts'

export default defineRecipe((said, args) => {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: fashionMnist.folder },
      int8: { type: 'boolean', default: false },
      from: { type: 'string', default: folders.fp32 },
    },
  })
  const data = imageData(readFashionMnist(flags.data, 'train'))
  const options = flags.int8
    ? int8Options(data, said.folder ?? folders.int8, newestWeights(flags.from))
    : plainOptions(data, said.folder ?? folders.fp32)
  return { ...options, done: (run) => void saveImageRun(run, { classNames }) }
})
