/** Parses /proc files for checks. Pure; unknown content is skipped. */

/** `MemTotal:  24684096 kB` of /proc/meminfo, in bytes. Names without a unit are counts. */
export function readMeminfo(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [, name, value, unit] of text.matchAll(
    /^(\w[\w()]{0,60}):[ \t]{1,40}(\d{1,15})(?: (kB))?[ \t\r]{0,40}$/gm,
  ))
    found.set(name!, Number(value) * (unit === 'kB' ? 1024 : 1))
  return found
}

/** Features of the first processor in /proc/cpuinfo: `flags` on x86, `Features` on Arm. Undefined if not reported. */
export function readCpuFlags(text: string): ReadonlySet<string> | undefined {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim()
  return line === undefined || line === '' ? undefined : new Set(line.split(/\s+/))
}

/** The word in brackets of `always [madvise] never`. */
export const chosenOf = (text: string): string | undefined => /\[(\w+)\]/.exec(text)?.[1]

/** 1.10 is newer than 1.9. */
export function isAtLeast(version: string, floor: string): boolean {
  const [given, wanted] = [version, floor].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10) || 0),
  )
  for (let at = 0; at < wanted!.length; at++) {
    const difference = (given![at] ?? 0) - wanted![at]!
    if (difference !== 0) return difference > 0
  }
  return true
}
