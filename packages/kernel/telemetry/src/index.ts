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
  type GuardSample,
  type StepSample,
  type Telemetry,
  type TelemetryOptions,
  type UnloadReason,
} from './telemetry.ts'
export {
  formatTraceparent,
  parseTraceparent,
  type TraceHeaders,
  type TraceParent,
  traceHeadersOf,
} from './tracing/trace-context.ts'
export {
  openTracing,
  type RequestSpan,
  type SpanAttribute,
  type SpanAttributes,
  type SpanEvent,
  type SpanOutcome,
  type SpanPart,
  type Tracing,
  type TracingOptions,
} from './tracing/tracing.ts'
export {
  createTrainingTelemetry,
  type TrainedStep,
  type TrainingRun,
  type TrainingTelemetry,
} from './training-telemetry.ts'
export type { ReplicaSample, UpstreamSample } from './upstream-metrics.ts'
