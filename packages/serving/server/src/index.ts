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
export type { LiveDoor, MachineReadings, ProcessReading } from './live/door.ts'
export type { LocalModel, ModelNames, ModelSource, UpstreamModel } from './models/model-source.ts'
export type { Room } from './models/plan-room.ts'
export type { AlertsDoor } from './operations/alerts/door.ts'
export type { DeployDoor } from './operations/deploy/door.ts'
export type { DoctorDoor } from './operations/doctor/door.ts'
export type { GuardDoor } from './operations/guard/door.ts'
export {
  guardOff,
  guardPresetUnknown,
  guardReviewTextDiffers,
} from './operations/guard/errors.ts'
export type { JobsDoor } from './operations/jobs/door.ts'
export { jobRunning, jobsFull, jobUnstarted } from './operations/jobs/errors.ts'
export type { KeysDoor, UsageQuestion } from './operations/keys/door.ts'
export type { Operations } from './operations/operations-context.ts'
export type { ProfileAnswer, ReportAnswer, RunsDoor } from './operations/runs/door.ts'
export type { ScalingDoor } from './operations/scaling/door.ts'
export type { TuneDoor } from './operations/tune/door.ts'
export { tuneConfigChanged, tuneSettingsUnfit } from './operations/tune/errors.ts'
