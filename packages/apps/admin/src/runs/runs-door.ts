/** Operations on training runs, loaded on first use. */

import type { RunsDoor } from '@hadal/server'

/** `roots` are absolute, may change, and need not be there. */
export function openRunsDoor(roots: () => readonly string[]): RunsDoor {
  let opening: Promise<RunsDoor> | undefined
  const door = (): Promise<RunsDoor> => {
    opening ??= import('./look-at-runs.ts').then(({ lookAtRuns }) => lookAtRuns(roots))
    return opening
  }
  return {
    list: async () => (await door()).list(),
    detail: async (id) => (await door()).detail(id),
    metrics: async (id, cursor) => (await door()).metrics(id, cursor),
    profile: async (id) => (await door()).profile(id),
    report: async (id, path) => (await door()).report(id, path),
  }
}
