/** The ONNX models of the tests, and a request to the one called `simple`. */

import { join } from 'node:path'
import { root } from '../../packages/apps/cli/test/hadal-process.ts'

export const onnxFile = (name: string): string => join(root, `packages/serving/engine/test/onnx/${name}.onnx`)

export const tensors = {
  inputs: ['INPUT0', 'INPUT1'].map((name) => ({
    ...{ name, shape: [1, 16], datatype: 'INT32' },
    data: Array.from({ length: 16 }, (_, index) => index),
  })),
}
