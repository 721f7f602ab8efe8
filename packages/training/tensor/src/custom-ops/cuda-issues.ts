/** Validates the way CUDA sources start kernels, found by reading them. */

import type { ReadSource } from './sources.ts'

/** `kernel.cu:12: ...`, each; empty if there are none. */
export function cudaIssues(kernel: ReadSource, launcher: ReadSource): string[] {
  return [
    ...waits(kernel),
    ...waits(launcher),
    ...launches(kernel),
    ...(/\bgetCurrentCUDAStream\s*\(/.test(code(launcher.text))
      ? []
      : [`${launcher.label}: it does not ask for the current stream (at::cuda::getCurrentCUDAStream())`]),
    ...(/\bC10_CUDA_(CHECK|KERNEL_LAUNCH_CHECK)\s*\(/.test(code(launcher.text))
      ? []
      : [`${launcher.label}: it does not look whether the kernel started (C10_CUDA_CHECK)`]),
  ]
}

/** The same text with comments and strings blank, so that places stay. */
function code(text: string): string {
  return text.replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"/g, (found) =>
    found.replaceAll(/[^\n]/g, ' '),
  )
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

function waits({ text, label }: ReadSource): string[] {
  const plain = code(text)
  return [...plain.matchAll(/\bcuda(?:Device|Stream|Thread)Synchronize\b/g)].map(
    ({ 0: call, index }) => `${label}:${lineOf(plain, index)}: ${call} makes every call wait for the device`,
  )
}

/** Between `<<<` and `>>>` stand blocks, threads, bytes and the stream. */
function launches({ text, label }: ReadSource): string[] {
  const plain = code(text)
  const found = [...plain.matchAll(/<<<([\s\S]*?)>>>/g)]
  const checks = [
    ...plain.matchAll(/\bcuda(?:GetLastError|PeekAtLastError)\s*\(|\bC10_CUDA_KERNEL_LAUNCH_CHECK\s*\(/g),
  ]
  const issues = found
    .filter(([, inside]) => topLevelParts(inside!) < 4)
    .map(({ index }) => `${label}:${lineOf(plain, index)}: a kernel starts without a stream`)
  const unseen = found.find(({ index }, i) => {
    const end = found[i + 1]?.index ?? plain.length
    return !checks.some((check) => check.index > index && check.index < end)
  })
  if (unseen !== undefined)
    issues.push(
      `${label}:${lineOf(plain, unseen.index)}: nobody looks whether the kernel started (cudaGetLastError)`,
    )
  return issues
}

function topLevelParts(text: string): number {
  let depth = 0
  let parts = 1
  for (const letter of text) {
    if ('([{'.includes(letter)) depth++
    else if (')]}'.includes(letter)) depth--
    else if (letter === ',' && depth === 0) parts++
  }
  return parts
}
