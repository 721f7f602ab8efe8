export {
  cacheNotWritable,
  checkpointIndexInvalid,
  checkpointIsPickle,
  checkpointNotFound,
  checkpointNotServable,
  checksumMismatch,
  diskFull,
  downloadFailed,
  downloadIncomplete,
  downloadRefused,
  downloadSizeMismatch,
  hubAccessDenied,
  hubFailed,
  hubRepoNotFound,
  hubUnreachable,
  insecureRedirect,
  modelAmbiguous,
  modelFileNotFound,
  modelNotCached,
  modelNotGguf,
  modelQuantNotFound,
  modelRefInvalid,
  modelShardMissing,
  modelUnreadable,
} from './errors.ts'
export {
  type CachedFile,
  type CachedModel,
  defaultCacheDir,
  listCachedModels,
  type ModelKind,
} from './model-cache.ts'
export type { ModelProgress } from './model-progress.ts'
export { parseModelRef } from './model-ref.ts'
export { type ResolvedModel, type ResolveModelOptions, resolveModel } from './resolve-model.ts'
export { isTowersFolder } from './towers-folder.ts'
