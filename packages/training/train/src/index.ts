export { type Checkpoint, type CheckpointState, readCheckpoint, writeCheckpoint } from './checkpoint-file.ts'
export { bestWeights, CheckpointStore, newestWeights } from './checkpoint-store.ts'
export type { Checkpointing } from './checkpointing/checkpointing.ts'
export { choiceWithin } from './checkpointing/segments-of.ts'
export { compareRuns, firstDifference, type PartComparison, type RunRecord } from './compare-runs.ts'
export { type GuardOptions, guardDefaults } from './divergence-guard.ts'
export { type Divergence, ggufModelUnreadable } from './errors.ts'
export { evaluate } from './evaluate.ts'
export type {
  DecisionEvent,
  RunControl,
  StartedEvent,
  StepEvent,
  TrainEvent,
  TrainListener,
  TrainLog,
} from './events.ts'
export {
  compareLogits,
  type LogitComparison,
  type LogitDifference,
  type PromptLogits,
} from './export/compare-logits.ts'
export { exportGguf } from './export/gguf.ts'
export { exportGgufAdapter } from './export/gguf-adapter.ts'
export type { GgufPrecision } from './export/gguf-types.ts'
export { exportHuggingFace, type SafetensorsPrecision } from './export/hugging-face.ts'
export type { ModelFile } from './export/model-file.ts'
export * from './export/onnx/index.ts'
export { orUnwritable } from './export/or-unwritable.ts'
export {
  describeParity,
  judgeParity,
  type ParityLimits,
  type ParityReport,
  parityLimits,
} from './export/parity.ts'
export { type AdapterFile, exportPeft, mergedWeights, readPeft } from './export/peft.ts'
export { exportTowers, type TowersExport, type TowersFile } from './export/towers.ts'
export type { Draw } from './image-data/image-batch.ts'
export type { LabelledImages, Normalization, PixelAugmentation } from './image-data/labelled-images.ts'
export type { ImageTextPairs } from './image-text-data/image-text-pairs.ts'
export * from './image-text-data/index.ts'
export { withInterrupt } from './interrupt.ts'
export { isLanguageRun } from './kinds/kind-of.ts'
export type { ReadUnit } from './kinds/model-kind.ts'
export type { TowerRates } from './kinds/tower-rates.ts'
export { type LabelledData, type LabelledTextsOptions, labelledTexts } from './labelled-texts.ts'
export type { LayerNorms } from './layer-norms.ts'
export { measureSpeed } from './measure-speed.ts'
export type { Emptied } from './memory/empty-when-due.ts'
export type { MemoryOptions } from './memory/memory-options.ts'
export { planMemory } from './memory/plan-memory.ts'
export { planTechniques, type TechniquePlan, type TechniquesPlan } from './memory/plan-techniques.ts'
export type { MemoryPlan, OwnedBytes, StepPhase } from './memory/run-memory.ts'
export type { StepMemory } from './memory/step-memory.ts'
export type { Split } from './memory/within-memory.ts'
export { type MetricsLine, metricsLog, readMetrics } from './metrics-log.ts'
export type * from './objective.ts'
export { type OverriddenRun, overrideRun, type SaidSettings } from './override-run.ts'
export { type PairData, type PairWindowsOptions, pairWindows } from './pair-windows.ts'
export { type Heartbeat, heartbeat } from './parallel/heartbeat.ts'
export { type Mesh, meshOptions, openMesh } from './parallel/mesh.ts'
export { type ParallelOptions, parallelDefaults } from './parallel/parallel-options.ts'
export {
  deviceBytes,
  type LayoutPlan,
  type LayoutQuestion,
  type Parts,
  planLayout,
} from './parallel/plan-layout.ts'
export { type RankEnvironment, readRankEnvironment } from './parallel/rank-environment.ts'
export { refusedParts } from './parallel/refused-parts.ts'
export { measurePeakFlops } from './peak-flops.ts'
export { forecastPrivacy, type PrivacyForecast } from './privacy/forecast.ts'
export type { PrivacyOptions, PrivacyPlan } from './privacy/privacy-options.ts'
export {
  type PrivateStep,
  PrivateTrainer,
  type PrivateTrainerOptions,
  type PrivateTrainerState,
  type RowsLoss,
} from './privacy/private-trainer.ts'
export type { RowFigures } from './privacy/row-figures.ts'
export { type ProfileOptions, profileDefaults } from './profile/profile-options.ts'
export type { ProfileRecord } from './profile/profile-record.ts'
export { type ProgressOptions, type ProgressStream, progressReporter } from './progress.ts'
export { computeAsTrained } from './quantization/as-trained.ts'
export { type CourseChange, courseChanges } from './quantization/course-of.ts'
export { quantizationOf } from './quantization/quantization-of.ts'
export type { RunQuantization, WeightType } from './quantization/quantization-options.ts'
export { roundedWeights } from './quantization/rounded-weights.ts'
export {
  ggufPrecision,
  quantizationKey,
  type ReadTrained,
  readTrained,
  type TrainedQuantization,
} from './quantization/trained-quantization.ts'
export { type ReadGgufModel, readGgufModel } from './read-gguf-model.ts'
export { type ReadModel, readModel } from './read-model.ts'
export { type ReadTorchvision, readTorchvision } from './read-torchvision.ts'
export { type ReadTowers, readTowers } from './read-towers.ts'
export {
  type CommandLine,
  defineRecipe,
  type OpenedRecipe,
  openRecipe,
  type RecipeFunction,
  type RecipeOptions,
} from './recipe.ts'
export { recipeInvalid } from './recipe-errors.ts'
export { type RunJournal, type RunJournalOptions, runJournal } from './record/run-journal.ts'
export * from './retrieval/index.ts'
export { defineRun, type Run, type RunOptions } from './run.ts'
export type { AnyModelConfig, LanguageRun, RunConfig } from './run-config.ts'
export { planRun, type RunPlan } from './run-plan.ts'
export type { SampleRequest } from './sample.ts'
export { type StreamedData, type StreamWindowsOptions, streamWindows } from './stream-windows.ts'
export type { Evaluated } from './task/pass.ts'
export { tensorboardLog } from './tensorboard/tensorboard-log.ts'
export { type TrainOptions, type TrainResult, train } from './train.ts'
export type {
  LabelledTexts,
  PairWindows,
  StreamedWindows,
  TrainingData,
  WindowStream,
} from './training-data.ts'
export type { Vocabulary } from './vocabulary.ts'
export { type WandbOptions, wandbLog } from './wandb/wandb-log.ts'
export { fromHost, type HostTensor, toHost, type Weights } from './weights.ts'
