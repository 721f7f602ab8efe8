/** The model, and how it is trained and tuned. */

import type { ClipConfig } from '@hadal/nn'
import type { RunOptions } from '@hadal/train'
import type { ClaimMode } from '../../claim.ts'
import { sceneWords } from '../../drawings/scenes.ts'
import { type FormName, forms, sizes } from './sizes.ts'

const encoder = { hidden_act: 'gelu', layer_norm_eps: 1e-5 } as const

export function towers(mode: ClaimMode): ClipConfig {
  const { side, width, layers } = sizes[mode]
  const shape = { ...encoder, hidden_size: width, intermediate_size: 2 * width }
  return {
    model_type: 'clip',
    text_config: {
      ...shape,
      num_hidden_layers: layers.text,
      num_attention_heads: width / 32,
      vocab_size: sceneWords.count,
      max_position_embeddings: sceneWords.longest,
      eos_token_id: sceneWords.end,
    },
    vision_config: {
      ...shape,
      num_hidden_layers: layers.image,
      num_attention_heads: width / 32,
      image_size: side,
      patch_size: 8,
    },
    projection_dim: width,
    logit_scale_init_value: Math.log(1 / 0.07),
  }
}

const batch = { windows: 128, accumulate: 1 } as const

type Options = Omit<RunOptions<ClipConfig>, 'folder'>

export const pretrainOptions = (mode: ClaimMode, seed: number, data: Options['data']): Options => ({
  name: 'image-text-base',
  seed,
  model: towers(mode),
  data,
  objective: { kind: 'contrastive' },
  batch,
  schedule: {
    peak: mode === 'quick' ? 3e-3 : 1e-3,
    warmupSteps: Math.ceil(sizes[mode].pretrainSteps / 10),
    totalSteps: sizes[mode].pretrainSteps,
    floorFraction: 0.05,
  },
  optimizer: { kind: 'adamw', weightDecay: 0.1 },
  evaluate: { everySteps: sizes[mode].pretrainSteps },
})

export function tuneOptions(
  mode: ClaimMode,
  { seed, form, factor }: { readonly seed: number; readonly form: FormName; readonly factor: number },
  given: Pick<Options, 'data'> & Required<Pick<Options, 'startFrom'>>,
): Options {
  const { tuneSteps } = sizes[mode]
  const { rates, weights } = forms[form]
  const scaled = { text: rates.text * factor, image: rates.image * factor }
  return {
    ...given,
    name: `image-text-${form}`,
    seed,
    model: towers(mode),
    objective: { kind: 'contrastive', ...weights },
    rates: scaled,
    batch,
    schedule: {
      peak: Math.max(scaled.text, scaled.image),
      warmupSteps: Math.ceil(tuneSteps / 10),
      totalSteps: tuneSteps,
      floorFraction: 0.1,
    },
    optimizer: { kind: 'adamw', weightDecay: 0.01 },
    evaluate: { everySteps: tuneSteps },
  }
}
