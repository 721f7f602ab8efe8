/** Differences between configurations, by setting. Pure. */

export interface SettingRow {
  /** `schedule.peak`. */
  readonly key: string
  /** As JSON, one of each configuration; undefined when it has no value. */
  readonly values: readonly (string | undefined)[]
  readonly isSame: boolean
}

type Given = Readonly<Record<string, unknown>> | undefined

/** Lists are compared as a whole, objects part by part. */
export function configDiff(configs: readonly Given[]): SettingRow[] {
  const flat = configs.map((config) => flattened(config ?? {}))
  const keys = [...new Set(flat.flatMap((each) => [...each.keys()]))].sort()
  return keys.map((key) => {
    const values = flat.map((each) => each.get(key))
    return { key, values, isSame: values.every((value) => value === values[0]) }
  })
}

function flattened(config: object, before = '', found: Map<string, string> = new Map()): Map<string, string> {
  for (const [name, value] of Object.entries(config)) {
    const key = before === '' ? name : `${before}.${name}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0)
      flattened(value, key, found)
    else found.set(key, JSON.stringify(value))
  }
  return found
}
