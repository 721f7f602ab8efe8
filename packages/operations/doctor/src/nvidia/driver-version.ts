/** Versions of NVIDIA's driver, and which CUDA they run. */

/** Since 11, a driver runs every minor version of the CUDA that it has the floor of. */
export const cudaFloors: readonly { readonly cuda: string; readonly driver: string }[] = [
  { cuda: '11.4', driver: '470.57.02' },
  { cuda: '12', driver: '525' },
  { cuda: '13', driver: '580' },
]

/** `550.54.15`; undefined where the text is none. */
export function driverVersionIn(text: string | undefined): string | undefined {
  const found = /(?:^|[^\d.])(\d{3,4}\.\d{1,4}(?:\.\d{1,4})?)(?![\d.])/.exec(text ?? '')?.[1]
  return found
}

/**
 * Version in `/proc/driver/nvidia/version`: `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue
 * Mar ...`, or for the open module `... Open Kernel Module for x86_64  570.86.15  Release Build`.
 */
export function kernelModuleVersion(text: string | undefined): string | undefined {
  const line = (text ?? '').split(/\r\n|\n|\r/, 20).find((each) => each.includes('NVRM version'))
  return line === undefined ? undefined : driverVersionIn(line.slice(0, 400).replace(/x86_64|aarch64/g, ''))
}

/** Below zero: `left` is older. `470.57` is older than `470.57.02`. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number)) as [number[], number[]]
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Newest CUDA version the driver supports; undefined if none. */
export function cudaOf(driver: string): string | undefined {
  return cudaFloors.findLast((floor) => compareVersions(driver, floor.driver) >= 0)?.cuda
}
