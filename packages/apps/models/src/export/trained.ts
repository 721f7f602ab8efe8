/** What `hadal export` does with a model that a run has trained for a type: takes that type, and compares with the rounded model. */

import { join } from 'node:path'
import { type ModelConfig, readConfigJson } from '@hadal/nn'
import {
  type GgufPrecision,
  ggufPrecision,
  quantizationKey,
  readTrained,
  roundedWeights,
  type TrainedQuantization,
  type Weights,
} from '@hadal/train'
import { exportQuantizationUnreadable } from '../errors.ts'

/**
 * Quantization from config.json; undefined for any other model. Throws `export_quantization_unreadable`, and what `readConfigJson`
 * throws.
 */
export function trainedFor(folder: string): TrainedQuantization | undefined {
  const path = join(folder, 'config.json')
  const config = Object(readConfigJson(folder)) as Readonly<Record<string, unknown>>
  const { trained, issues } = readTrained(config[quantizationKey])
  if (issues.length > 0) throw exportQuantizationUnreadable(path, issues)
  return trained
}

/** Default GGUF type. Integers with group sizes other than GGUF's are exact in fp32 only. */
export const usualGgufType = (trained: TrainedQuantization | undefined): GgufPrecision =>
  trained ? (ggufPrecision(trained) ?? 'F32') : 'Q8_0'

/**
 * Weights to write: the masters where the file rounds them as the run did, rounded ones for any other type. `isSame`: what comes out
 * is the model that was trained, to the bit of its weights.
 */
export function weightsToWrite(
  config: ModelConfig,
  masters: Weights,
  trained: TrainedQuantization | undefined,
  precision: GgufPrecision,
): { readonly weights: Weights; readonly isSame: boolean } {
  if (!trained) return { weights: masters, isSame: false }
  if (ggufPrecision(trained) === precision) return { weights: masters, isSame: true }
  return { weights: roundedWeights(config, masters, trained), isSame: precision === 'F32' }
}
