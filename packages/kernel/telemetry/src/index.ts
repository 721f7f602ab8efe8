export type { GuardSample } from './guard-metrics.ts'
export {
  createScaleTelemetry,
  type DecisionSample,
  type ScaleSample,
  type ScaleTelemetry,
} from './scale-telemetry.ts'
export type { SequenceOutcome, SequenceTimeline } from './sequence-timeline.ts'
export {
  type AccountsSample,
  createTelemetry,
  type EngineSample,
  type StepSample,
  type Telemetry,
  type TelemetryOptions,
  type UnloadReason,
} from './telemetry.ts'
export { openTracing } from './tracing/open-tracing.ts'
export {
  formatTraceparent,
  parseTraceparent,
  type TraceHeaders,
  type TraceParent,
  traceHeadersOf,
} from './tracing/trace-context.ts'
export type {
  RequestSpan,
  SpanAttribute,
  SpanAttributes,
  SpanEvent,
  SpanOutcome,
  SpanPart,
  Tracing,
  TracingOptions,
} from './tracing/tracing.ts'
export {
  createTrainingTelemetry,
  type TrainedStep,
  type TrainingRun,
  type TrainingTelemetry,
} from './training-telemetry.ts'
export type { ReplicaSample, UpstreamSample } from './upstream-metrics.ts'
