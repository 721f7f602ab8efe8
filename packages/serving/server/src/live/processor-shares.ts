/** How many cores each process kept busy since it was last looked at. Time is an argument. */

interface Look {
  readonly cpuMillis: number
  readonly at: number
}

export class ProcessorShares {
  readonly #last = new Map<number, Look>()

  /** By process; those that are seen for the first time have none. What is not among them any more is forgotten. */
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
