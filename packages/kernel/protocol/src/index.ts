export type * from './anthropic/message.ts'
export {
  type AnthropicBlock,
  type AnthropicMessageParam,
  type AnthropicPromptFields,
  type AnthropicRequest,
  type AnthropicTextBlock,
  type AnthropicTool,
  type AnthropicToolResult,
  anthropicCountSchema,
  anthropicRequestSchema,
} from './anthropic/request.ts'
export type {
  AlertInstance,
  AlertRuleAnswer,
  AlertState,
  AlertsAnswer,
  AlertTargetAnswer,
  PrometheusAnswer,
  RunbookAnswer,
} from './hadal/alerts.ts'
export {
  type DeployAnswer,
  type DeployDiffAnswer,
  type DeployDiffQuery,
  type DeployFileQuery,
  type DeployQuery,
  type DeployText,
  type DiffHunk,
  type DiffLine,
  deployDiffQuerySchema,
  deployFileQuerySchema,
  deployQuerySchema,
  type FileDiff,
  type LintAnswer,
  type LintFindingAnswer,
  type LintRequest,
  lintRequestSchema,
  type ObjectDiff,
} from './hadal/deploy.ts'
export {
  type DoctorAnswer,
  type DoctorFinding,
  type DoctorJobOptions,
  type DoctorSeverity,
  doctorGroups,
  doctorJobSchema,
  type EvidenceLine,
  type ExplainAnswer,
  type ExplainedCause,
  type ExplainRequest,
  explainRequestSchema,
} from './hadal/doctor.ts'
export {
  type GuardAction,
  type GuardCheck,
  type GuardCheckAnswer,
  type GuardEvalExcerpt,
  type GuardEvalGroup,
  type GuardEvalOptions,
  type GuardEvalReport,
  type GuardFacts,
  type GuardFinding,
  type GuardLearnOptions,
  type GuardLearnt,
  type GuardReview,
  type GuardReviewGiven,
  type GuardRole,
  type GuardSource,
  type GuardSpan,
  type GuardStep,
  type GuardTextSource,
  type GuardUnlock,
  type GuardVerdictRecord,
  type GuardView,
  guardCheckSchema,
  guardEvalSchema,
  guardLearnSchema,
  guardReviewSchema,
  guardRoles,
  guardSources,
  guardUnlockSchema,
  longestChecked,
} from './hadal/guard.ts'
export {
  type JobDetail,
  type JobEvent,
  type JobKind,
  type JobList,
  type JobRequest,
  type JobState,
  type JobSummary,
  jobKinds,
  jobRequestSchema,
} from './hadal/jobs.ts'
export {
  type KeyBudget,
  type KeyCreate,
  type KeyLimitFields,
  type KeyList,
  keyChangeSchema,
  keyCreateSchema,
  type MadeKey,
  type ServiceKey,
  type ServiceKeyWithUsage,
  type UsageGroup,
  type UsageReport,
  type UsageRow,
  usageGroups,
} from './hadal/keys.ts'
export type {
  LiveCache,
  LiveEngine,
  LiveGpu,
  LiveMachine,
  LiveModel,
  LivePrefix,
  LivePrefixes,
  LiveProcess,
  LiveQueue,
  LiveReplica,
  LiveState,
  LiveWaiting,
} from './hadal/live.ts'
export { type ProfileRequest, profileRequestSchema } from './hadal/profile.ts'
export {
  type ArtefactKind,
  type RunArtefact,
  type RunDetail,
  type RunList,
  type RunMetrics,
  type RunMetricsQuery,
  type RunNoteLine,
  type RunProfile,
  type RunReportPlace,
  type RunReportRequest,
  type RunSample,
  type RunSeries,
  type RunState,
  type RunSummary,
  type RunTrace,
  runMetricsQuerySchema,
  runReportSchema,
} from './hadal/runs.ts'
export {
  type ReplayAnswer,
  type ReplayedScaler,
  replayDays,
  type ScaleDecisionAnswer,
  type ScaledModelAnswer,
  type ScaleReplayJobOptions,
  type ScalerAnswer,
  type ScalingAnswer,
  type ScalingQuery,
  scaleReplayJobSchema,
  scalingQuerySchema,
} from './hadal/scaling.ts'
export type { LiveMember, LiveSequence, LiveStep, StepsEvent } from './hadal/steps.ts'
export type { OperatorTimeline, RequestTimeline, SequenceTimes, TimelineUsage } from './hadal/timeline.ts'
export {
  type TuneApplied,
  type TuneApply,
  type TuneChoice,
  type TuneJobOptions,
  type TuneKnobs,
  type TunePhase,
  type TunePoint,
  type TuneProgress,
  type TuneResult,
  type TuneSlo,
  type TuneStatus,
  tuneApplySchema,
  tuneJobSchema,
  tuneTraffics,
} from './hadal/tune.ts'
export { jsonSchemas } from './json-schemas.ts'
export {
  type DurationStatistic,
  type InferAnswer,
  type InferBody,
  type InferInput,
  type InferOutput,
  type InferParameters,
  type InferredTensor,
  inferBodySchema,
  type ModelMetadata,
  type ModelStatistics,
  type RepositoryEntry,
  type RepositoryIndexBody,
  repositoryIndexSchema,
  type TensorMetadata,
} from './kserve/inference.ts'
export {
  type AdapterCard,
  adapterScalesSchema,
  type LoadAdapterRequest,
  loadAdapterSchema,
  type UnloadAdapterRequest,
  unloadAdapterSchema,
} from './llama-server/adapters.ts'
export type {
  NativeCompletion,
  NativeCompletionDelta,
  NativeProbabilities,
  NativeProgress,
  NativeTimings,
  NativeTokenLogprob,
  NativeTokenProbability,
} from './llama-server/completion-answer.ts'
export {
  isNativeCompletion,
  type NativeAdapterUse,
  type NativeCompletionRequest,
  type NativeGenerationFields,
  type NativeLogitBias,
  type NativePrompt,
  type NativeSequence,
  nativeCompletionSchema,
  nativeSequences,
} from './llama-server/completion-request.ts'
export { type InfillFile, type InfillRequest, type InfillText, infillSchema } from './llama-server/infill.ts'
export { type ModelControl, modelControlSchema } from './llama-server/model-control.ts'
export type { Props, Slot } from './llama-server/state.ts'
export {
  type AppliedTemplate,
  type DetokenizeAnswer,
  type DetokenizeRequest,
  detokenizeRequestSchema,
  type TokenizeAnswer,
  type TokenizeRequest,
  type TokenPiece,
  tokenizeRequestSchema,
} from './llama-server/tokens.ts'
export { type BucketSet, buckets, type MetricSpec, metrics } from './metrics.ts'
export { type MetricSample, type MetricsText, parseMetricsText } from './metrics-text.ts'
export {
  type AssistantMessage,
  type ChatMessage,
  type ChatRequest,
  chatRequestSchema,
  type TextContent,
  type TextPart,
} from './openai/chat.ts'
export type {
  ChatAnswerMessage,
  ChatChunk,
  ChatCompletion,
  ChatDelta,
  ChatFinishReason,
  ChatLogprobs,
  ChatTokenLogprob,
  ToolCall,
} from './openai/chat-answer.ts'
export {
  type Completion,
  type CompletionLogprobs,
  type CompletionPrompt,
  type CompletionRequest,
  completionRequestSchema,
} from './openai/completions.ts'
export {
  type EmbeddingInput,
  type EmbeddingInputs,
  type EmbeddingItem,
  type EmbeddingObject,
  embeddingItems,
} from './openai/embedding-input.ts'
export {
  type EmbeddingList,
  type EmbeddingRequest,
  type EmbeddingUsage,
  embeddingRequestSchema,
  isNativeEmbedding,
  type NativeEmbeddings,
} from './openai/embeddings.ts'
export type { ErrorBody } from './openai/errors.ts'
export { type GenerationFields, longestDeadlineMillis, priorityRange } from './openai/fields.ts'
export type { FormatFields, ResponseFormat, SchemaField } from './openai/format-fields.ts'
export type { ModelCapability, ModelCard, ModelList, ModelStatus, ModelSummary } from './openai/models.ts'
export type { SamplingFields } from './openai/sampling-fields.ts'
export type { Usage } from './openai/usage.ts'
export { excessOf, type Issue, maxDepth, maxValues, type Parsed, parse } from './parse.ts'
export {
  type CohereError,
  isTeiRerank,
  type RerankAnswer,
  type RerankBody,
  rerankBodySchema,
  type TeiError,
  type TeiRerankAnswer,
  type TeiRerankBody,
  teiRerankBodySchema,
} from './rerank/rerank.ts'
export {
  type ResponseContent,
  type ResponseInputItem,
  type ResponseItemReference,
  type ResponsePromptFields,
  type ResponseRequest,
  type ResponseTextFormat,
  type ResponseTool,
  type ResponseToolChoice,
  responseCountSchema,
  responseRequestSchema,
} from './responses/request.ts'
export type * from './responses/response.ts'
export { scaleMetrics } from './scale-metrics.ts'
export { SseDecoder, type SseEvent, sseDone, sseEvent, sseJson } from './sse.ts'
export { trainingMetrics } from './training-metrics.ts'
