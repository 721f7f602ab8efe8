/**
 * A run's model once it is there: parameters, how they begin, and how passes see it. Each kind of model has one way to make it
 * (`open-language-model.ts` and its neighbours).
 */

import type { ExpertBalance, HiddenModel, Module, PartParameters, RunParts, Segment, Tape } from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'
import type { Sample, SampleRequest } from '../sample.ts'

/** What a pass is given of a model. */
export type ModelView = HiddenModel | ImageView | TowerView

/** A classifier of images or features. */
export interface ImageView {
  /** fp32 [b, ...] to logits [b, classes]. */
  logits(x: Tensor): Tensor
}

/** Two towers, whose embeddings are near where an image and a text belong together. */
export interface TowerView {
  /** fp32 [b, 3, size, size], normalised, to unit vectors fp32 [b, e]. */
  embedImages(pixels_bchw: Tensor): Tensor
  /** Token ids [b, t] to the same. */
  embedTexts(ids_bt: Tensor): Tensor
  /** What similarities are multiplied with, and what is added to them where the model has such: fp32 []. */
  scale(): Tensor
  readonly bias: Tensor | undefined
}

/** A pass that is to be gone back through. */
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
  /** How its layers are cut for the way back; undefined: not at all. */
  readonly segments: readonly Segment[] | undefined
  /** Fills parameters of these names, fp32, from the global generator: the model's, or those of a head beside it. */
  initialize(parameters: ReadonlyMap<string, Tensor>): void
  /** Without `trained` it only reads, layers as `readParts` does. */
  view(trained?: TrainedWith, readParts?: RunParts): View
  /** Whether what computes otherwise while the whole model is trained does so from now on. */
  setTraining?(training: boolean): void
  /** After each update: what must stay within bounds goes back there. */
  bound?(masters: ReadonlyMap<string, Tensor>): void
  /** What it continues prompts with, where it can; ranks that have it between them `agree` on each token. */
  sample?(request: SampleRequest, agree?: (token: number) => number): Sample[]
}
