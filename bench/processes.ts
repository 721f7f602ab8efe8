/** What a process and its children hold, as /proc tells it: Linux only. */

import { readdirSync, readFileSync } from 'node:fs'

export function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`)
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'))
  return lists
    .flatMap((list) => list.trim().split(' '))
    .flatMap((child) => (child === '' ? [] : Number(child)))
}

/** The engine process of a server: its child that runs libllama. Undefined while there is none. */
export function engineOf(pid: number): number | undefined {
  return childrenOf(pid).find((child) => {
    try {
      return readFileSync(`/proc/${child}/maps`, 'utf8').includes('libllama')
    } catch {
      return false
    }
  })
}

/** Resident memory; 0 for a process that is gone. */
export const residentMiB = (pid: number): number => statusMiB(pid, 'VmRSS')

/** The most it has had so far. */
export const peakResidentMiB = (pid: number): number => statusMiB(pid, 'VmHWM')

function statusMiB(pid: number, field: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Processor time of all threads, counted in hundredths of a second. */
export function processorMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length
