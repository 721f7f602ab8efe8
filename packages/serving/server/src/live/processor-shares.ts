/** CPU cores used per process since the previous sample. Time is an argument. */

interface Look {
  readonly cpuMillis: number
  readonly at: number
}

export class ProcessorShares {
  readonly #last = new Map<number, Look>()

  /** Per process; new processes have no value yet, and vanished ones are dropped. */
  seen(
    processes: readonly { readonly pid: number; readonly cpuMillis: number }[],
    now: number,
  ): Map<number, number> {
    const cores = new Map<number, number>()
    const pids = new Set(processes.map(({ pid }) => pid))
    for (const pid of this.#last.keys()) if (!pids.has(pid)) this.#last.delete(pid)
    for (const { pid, cpuMillis } of processes) {
      const last = this.#last.get(pid)
      if (last !== undefined && now > last.at && cpuMillis >= last.cpuMillis)
        cores.set(pid, (cpuMillis - last.cpuMillis) / (now - last.at))
      this.#last.set(pid, { cpuMillis, at: now })
    }
    return cores
  }
}
