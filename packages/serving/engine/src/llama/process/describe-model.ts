/** The model information for clients. */

import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ModelInfo } from '../../engine.ts'
import type { ModelPointer, Native } from '../binding.ts'
import type { ServedAbilities } from '../model-abilities.ts'
import type { LlamaConfig } from '../options.ts'
import { metadata } from './model-metadata.ts'
import type { Vocabulary } from './vocabulary.ts'

export async function describeModel(
  native: Native,
  model: ModelPointer,
  vocabulary: Vocabulary,
  config: LlamaConfig,
  path: string,
  contextLength: number,
  { can, pooling }: ServedAbilities,
): Promise<ModelInfo> {
  const { llama } = native
  const file = await stat(path)
  const chatTemplate = jinjaOf(llama.modelChatTemplate(model, null))
  const toolTemplate = llama.modelChatTemplate(model, 'tool_use')
  const fim = vocabulary.fim()
  return {
    id: config.modelId ?? basename(path).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, ''),
    path,
    architecture: metadata(native, model, 'general.architecture'),
    parameterCount: Number(llama.modelNParams(model)),
    fileBytes: file.size,
    contextLength,
    vocabularySize: vocabulary.size,
    ...(chatTemplate !== undefined && { chatTemplate }),
    ...(toolTemplate !== null && { toolTemplate }),
    bosToken: vocabulary.textOf(vocabulary.bos),
    eosToken: vocabulary.textOf(vocabulary.eos),
    controlTokens: vocabulary.controlTokens(),
    ...(fim !== undefined && { fim }),
    trainedLength: llama.modelNCtxTrain(model),
    embeddingLength: llama.modelNEmbdOut(model),
    can,
    ...(can.embed && { pooling }),
    createdAt: Math.floor(file.mtimeMs / 1000),
  }
}

/** For a few models without a template llama.cpp returns the name of a built-in one. */
function jinjaOf(template: string | null): string | undefined {
  return template?.includes('{') ? template : undefined
}
