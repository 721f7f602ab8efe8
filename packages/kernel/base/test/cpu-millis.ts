/**
 * CPU time of this process while `run` runs, in milliseconds. For tests that guard a complexity: other processes on the machine do not
 * count, and the bound they assert is far from what the algorithm takes and far below what the one it replaced took.
 */
export function cpuMillis(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
