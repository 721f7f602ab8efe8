export { clientOfKey } from './api-keys.ts'
export { createServer, type HadalServer, type ServerChange, type ServerOptions } from './create-server.ts'
export { createGatekeeper, type Gatekeeper, type GuardedRequest, schedulingOfCaller } from './gatekeeper.ts'
export type {
  ChoiceDelta,
  ChoiceDone,
  ChoiceEvent,
  ChoiceFinishReason,
  Generate,
  Generation,
  GenerationLayer,
} from './generation.ts'
export type {
  GuardAudit,
  GuardAuditQuery,
  GuardBudget,
  Guarding,
  GuardPolicy,
  ServerGuard,
} from './guard/server-guard.ts'
export { defaultLimits, type ServerLimits } from './http/limits.ts'
export type { Address } from './http/listen.ts'
export type { LiveApi, MachineReadings, ProcessReading } from './live/api.ts'
export type { LocalModel, ModelNames, ModelSource, UpstreamModel } from './models/model-source.ts'
export type { Room } from './models/plan-room.ts'
export type { AlertsApi } from './operations/alerts/api.ts'
export type { DeployApi } from './operations/deploy/api.ts'
export type { DoctorApi } from './operations/doctor/api.ts'
export type { GuardApi } from './operations/guard/api.ts'
export {
  guardOff,
  guardPresetUnknown,
  guardReviewTextDiffers,
} from './operations/guard/errors.ts'
export type { JobsApi } from './operations/jobs/api.ts'
export { jobRunning, jobsFull, jobUnstarted } from './operations/jobs/errors.ts'
export type { KeysApi, UsageQuestion } from './operations/keys/api.ts'
export type { Operations } from './operations/operations-context.ts'
export type { ProfileAnswer, ReportAnswer, RunsApi } from './operations/runs/api.ts'
export type { ScalingApi } from './operations/scaling/api.ts'
export type { TuneApi } from './operations/tune/api.ts'
export { tuneConfigChanged, tuneSettingsUnfit } from './operations/tune/errors.ts'
