/**
 * The settings of a training run available on the command line: the table from which the flags of `hadal train` and
 * docs/training-settings.md are derived. Keys are paths within a run.
 */

import type { SettingsTable } from '../setting.ts'
import { type AdapterSettings, adapterSettings } from './adapter-settings.ts'
import { type LoopSettings, loopSettings } from './loop-settings.ts'
import { type MemorySettings, memorySettings } from './memory-settings.ts'
import { type OptimizationSettings, optimizationSettings } from './optimization-settings.ts'
import { type ParallelSettings, parallelSettings } from './parallel-settings.ts'
import { type PrecisionSettings, precisionSettings } from './precision-settings.ts'
import { type PrivacySettings, privacySettings } from './privacy-settings.ts'
import { type ProfileSettings, profileSettings } from './profile-settings.ts'
import { type QuantizationSettings, quantizationSettings } from './quantization-settings.ts'
import { type RateSettings, rateSettings } from './rate-settings.ts'
import type { Row } from './setting-row.ts'

export interface RunSettings
  extends LoopSettings,
    PrecisionSettings,
    OptimizationSettings,
    RateSettings,
    AdapterSettings,
    MemorySettings,
    ParallelSettings,
    PrivacySettings,
    ProfileSettings,
    QuantizationSettings {}

const kebab = (key: string): string =>
  key.replaceAll('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * The settings of a training run: the flags of `hadal train`, with types, defaults and descriptions.
 *
 * @example
 * ```ts
 * import { runSettings } from '@hadal/config'
 *
 * runSettings['schedule.totalSteps'].doc
 * Object.keys(runSettings).length > 20 // → true
 * ```
 */
export const runSettings: SettingsTable<RunSettings> = Object.fromEntries(
  Object.entries<Row<unknown>>({
    ...loopSettings,
    ...precisionSettings,
    ...optimizationSettings,
    ...rateSettings,
    ...adapterSettings,
    ...memorySettings,
    ...parallelSettings,
    ...privacySettings,
    ...profileSettings,
    ...quantizationSettings,
  }).map(([key, { value, ...rest }]) => [
    key,
    { ...rest, default: undefined, flag: `--${kebab(key)} <${value}>`, env: null },
  ]),
) as unknown as SettingsTable<RunSettings>
