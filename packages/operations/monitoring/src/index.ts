export { isFiring, isWell, type Look, newsOf, settled } from './alert-news.ts'
export { inspect, suppressedAlerts } from './ask-prometheus.ts'
export { type Check, fileChecks, metricsCheck, namesCheck } from './check-rendered.ts'
export { monitorNotAnswering, monitorNotRunning } from './errors.ts'
export { findPrograms, onPath } from './find-programs.ts'
export { freePort } from './free-port.ts'
export { loopbackFlag, portFlag } from './listen-flags.ts'
export { fetchMetrics, type MetricsFlags, metricsUrl, readableFile } from './metrics-target.ts'
export { RunningStack } from './running-stack.ts'
export {
  isAlive,
  type Running,
  readRunning,
  StateFolder,
  stateFolder,
  writeRendered,
} from './state-folder.ts'
export { statusText, newsText } from './state-text.ts'
