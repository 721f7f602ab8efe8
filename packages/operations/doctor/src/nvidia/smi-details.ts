/**
 * Reads single values of `nvidia-smi -q`, whose lines are `    Key   : Value` under less indented headings. Finds them by heading
 * and key for each GPU, since whole sections move between drivers.
 */

import { linesOf } from './smi-table.ts'

export interface DetailValue {
  /** `00000000:9B:00.0`, as the section of its GPU begins. */
  readonly gpu: string
  readonly value: string
}

/**
 * Number of GPUs it reports; undefined when it ends before the last of them does. Their sections begin with their place and end with
 * their processes.
 */
export function gpusReported(text: string): number | undefined {
  let count = 0
  let isEnded = true
  for (const line of linesOf(text)) {
    if (gpuStart.test(line)) {
      count++
      isEnded = false
    } else if (/^ {4}Processes\b/.test(line)) isEnded = true
  }
  return isEnded ? count : undefined
}

const gpuStart = /^GPU ([\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}\.[\da-f])$/i

/** `valuesIn(text, 'Fabric', 'State')`: of every GPU that has it, in their order. */
export function valuesIn(text: string, heading: string, key: string): readonly DetailValue[] {
  const found: DetailValue[] = []
  let gpu = ''
  let headingIndent = -1
  for (const line of linesOf(text)) {
    const start = gpuStart.exec(line)
    if (start !== null) {
      gpu = start[1]!
      headingIndent = -1
      continue
    }
    const indent = line.length - line.trimStart().length
    const at = line.indexOf(' : ')
    const name = (at === -1 ? line : line.slice(0, at)).trim()
    if (indent <= headingIndent) headingIndent = -1
    if (at === -1) {
      if (name === heading) headingIndent = indent
    } else if (headingIndent >= 0 && gpu !== '' && name === key)
      found.push({ gpu, value: line.slice(at + 3).trim() })
  }
  return found
}
