/**
 * A run's model once it is there: parameters, how they begin, and how passes see it. Each kind of model has one way to make it
 * (`open-language-model.ts` and its neighbours).
 */

import type { ExpertBalance, HiddenModel, Module, PartParameters, RunParts, Segment, Tape } from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'
import type { Sample, SampleRequest } from '../sample.ts'

/** The view of a model that a pass receives. */
export type ModelView = HiddenModel | ImageView | TowerView

/** A classifier of images or features. */
export interface ImageView {
  /** fp32 [b, ...] to logits [b, classes]. */
  logits(x: Tensor): Tensor
}

/** A dual encoder: embeddings of matching images and texts are close. */
export interface TowerView {
  /** fp32 [b, 3, size, size], normalised, to unit vectors fp32 [b, e]. */
  embedImages(pixels_bchw: Tensor): Tensor
  /** Token ids [b, t] to the same. */
  embedTexts(ids_bt: Tensor): Tensor
  /** Multiplier of similarities, and their bias if the model has one: fp32 []. */
  scale(): Tensor
  readonly bias: Tensor | undefined
}

/** Settings of a pass that needs a backward pass. */
export interface TrainedWith {
  readonly tape: Tape
  /** Undefined: layers are run at once and keep all they computed. */
  readonly segments: readonly Segment[] | undefined
  readonly parameters: PartParameters
  /** Everything that is trained, by name. */
  readonly working: ReadonlyMap<string, Tensor>
  readonly balance: ExpertBalance | undefined
}

export interface OpenModel<View extends ModelView = ModelView> {
  readonly module: Module
  /** Segments of layers for the backward pass; undefined: no segmentation. */
  readonly segments: readonly Segment[] | undefined
  /** Initialises parameters of these names, fp32, from the global generator: the model's, or those of its head. */
  initialize(parameters: ReadonlyMap<string, Tensor>): void
  /** Without `trained` it only reads, layers as `readParts` does. */
  view(trained?: TrainedWith, readParts?: RunParts): View
  /** Switches layers that behave differently while the whole model is trained. */
  setTraining?(training: boolean): void
  /** After each update: clamps bounded parameters. */
  bound?(masters: ReadonlyMap<string, Tensor>): void
  /** Completes prompts, if supported; ranks that share the model `agree` on each token. */
  sample?(request: SampleRequest, agree?: (token: number) => number): Sample[]
}
