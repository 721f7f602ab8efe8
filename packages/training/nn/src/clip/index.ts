/** Dual encoders of images and captions (CLIP): model, files, caption tokens. */

export { type CaptionTokens, captionBatch, captionIds } from './caption-ids.ts'
export {
  type ClipActivation,
  type ClipConfig,
  type ClipResNetConfig,
  type ClipTextConfig,
  type ClipVitConfig,
  clipConfigIssues,
  isClipConfig,
  isResNetTower,
} from './config.ts'
export { hostState } from './host-state.ts'
export { readClipConfig } from './hugging-face-config.ts'
export { initializeClip } from './initialize.ts'
export type { ClipLayout } from './layouts.ts'
export { clipValues, type LoadedClip, loadClip } from './load-clip.ts'
export { Clip, createClip, largestLogitScale } from './model.ts'
export { readOpenClipConfig } from './open-clip-config.ts'
export { type ClipPlan, type PlannedClipTensor, planClip } from './plan-clip.ts'
export { type ClipPreprocessing, clipPreprocessing } from './preprocessing.ts'
export { type HostValues, layoutFor, type SaveClipOptions, saveClip } from './save-clip.ts'
export {
  type ClipParameterCount,
  type ClipTensor,
  clipParameterCount,
  clipTensors,
  towerOf,
} from './tensors.ts'
