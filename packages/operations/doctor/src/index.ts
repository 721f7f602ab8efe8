export type { Capture, RawReading, Source } from './capture/capture.ts'
export { parseCapture } from './capture/parse-capture.ts'
export { type Known, redactCapture } from './capture/redact-capture.ts'
export { allChecks, allSources } from './checks/all-checks.ts'
export type { Check, CheckContext, CheckGroup, Severity, Verdict } from './checks/check.ts'
export { clusterChecks, clusterSources } from './checks/cluster/cluster-checks.ts'
export { keepFields } from './checks/cluster/cluster-objects.ts'
export type { Fix } from './checks/fix.ts'
export { gpuChecks, gpuSources } from './checks/gpu/gpu-checks.ts'
export { type Finding, type Report, runChecks, severities } from './checks/run-checks.ts'
export { serverChecks, serverSources } from './checks/server/server-checks.ts'
export { shellWord } from './checks/shell-word.ts'
export { captureInputs } from './explain/capture-inputs.ts'
export type { Cause, CauseFamily, CauseSeverity, Figures, LogLine, Sighting } from './explain/cause.ts'
export { decodeText } from './explain/decode-text.ts'
export { type ExplainOptions, explain } from './explain/explain.ts'
export type {
  Evidence,
  ExplainInput,
  Explanation,
  SeenCause,
  TimelineEntry,
} from './explain/explanation.ts'
export { type Gpu, type NvidiaSmi, parseNvidiaSmi } from './nvidia/parse-nvidia-smi.ts'
export { parseXidLines, type XidLine } from './nvidia/parse-xid-lines.ts'
