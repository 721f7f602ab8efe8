export { type Clock, ManualClock, systemClock } from './clock.ts'
export { connectionsWithin, descriptorLimit, descriptorsFor, readLimits } from './descriptors.ts'
export { endWithParent } from './end-with-parent.ts'
export {
  argumentsOf,
  declaredErrors,
  defineError,
  type ErrorFacts,
  type ErrorMaker,
  type ErrorSpec,
  HadalError,
  type HadalErrorFields,
  isHadalError,
  messageOf,
} from './errors.ts'
export { type JobExit, JobProcess, type JobProcessOptions } from './job-process.ts'
export { createLogger, type LogFields, type Logger, type LogLevel, silentLogger } from './logger.ts'
export { matchesPattern } from './matches-pattern.ts'
export { editDistance, nearest } from './nearest.ts'
export { onAbort } from './on-abort.ts'
export { isPlainObject } from './plain-object.ts'
export { processStart } from './process-start.ts'
export { type ProgramEntry, programEntry } from './program-entry.ts'
export { seededRandom } from './seeded-random.ts'
export { startThread } from './start-thread.ts'
export { median, quantile, quantileOfSorted } from './statistics.ts'
export { formatBytes, formatCount, formatMillis, invalidUnit, parseBytes, parseMillis } from './units.ts'
export { type FileWatch, type WatchFilesOptions, watchFiles } from './watch-files.ts'
