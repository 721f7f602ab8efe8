/** NVIDIA driver version strings at and around the minimum. Independent of the doctor's parser. */

import type { Random } from '@hadal/batching'

/** By NVIDIA's release notes of the CUDA Toolkit: what CUDA 11.4, 12 and 13 need of a driver. */
export const floors = { eleven: '470.57.02', twelve: '525', thirteen: '580' } as const

/** Those that decide: each floor, the versions next to it, and how older and newer ones are written. */
export const edges: readonly string[] = [
  ...['390.157', '418.226.00', '460.106.00', '470.57', '470.57.01', '470.57.02', '470.57.03', '470.256.02'],
  ...['510.108.03', '515.105.01', '524.99.99', '525.60.13', '535.183.01', '550.54.15', '570.124.06'],
  ...['579.99', '580.65.06', '590.44.01'],
]

/** Half of them near the oldest floor. */
export function drawnVersion(random: Random): string {
  const below = (most: number): number => Math.floor(random() * most)
  const two = (number: number): string => String(number).padStart(2, '0')
  if (random() < 0.5) return `470.${55 + below(5)}.${two(below(6))}`
  const end = random() < 0.7 ? `.${two(below(40))}` : ''
  return `${390 + below(220)}.${two(below(200))}${end}`
}

/** Part by part as numbers; a part that is not there is 0. */
export function isOlder(version: string, floor: string): boolean {
  const [left, right] = [version, floor].map((text) => text.split('.').map(Number))
  for (const at of [0, 1, 2]) {
    const difference = (left![at] ?? 0) - (right![at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
