/** Parses ages such as `5m12s`, `2d3h` of `kubectl get events` and `kubectl describe`. */

const event =
  /^(?:\S+ +)?(?<age>(?:\d+[smhdy]){1,3})(?: \(x\d+ over [\dsmhdy]+\))? +(?:Normal|Warning) |^ +(?:Normal|Warning) +\S+ +(?<since>(?:\d+[smhdy]){1,3})(?: \(x\d+ over [\dsmhdy]+\))? +/

const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 365 * 86_400_000,
}

/** In milliseconds; undefined where a line is no event. */
export function kubernetesAge(line: string): number | undefined {
  const groups = event.exec(line)?.groups
  const age = groups?.age ?? groups?.since
  if (age === undefined) return undefined
  return [...age.matchAll(/(\d+)([smhdy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
    0,
  )
}
