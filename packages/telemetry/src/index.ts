export type { SequenceOutcome, SequenceTimeline } from './sequence-timeline.ts'
export {
  createTelemetry,
  type EngineSample,
  type StepSample,
  type Telemetry,
  type TelemetryOptions,
} from './telemetry.ts'
