/** Operations on training runs, loaded on first use. */

import type { RunsApi } from '@hadal/server'

/** `roots` are absolute, may change, and need not be there. */
export function openRunsApi(roots: () => readonly string[]): RunsApi {
  let opening: Promise<RunsApi> | undefined
  const api = (): Promise<RunsApi> => {
    opening ??= import('./read-runs.ts').then(({ readRuns }) => readRuns(roots))
    return opening
  }
  return {
    list: async () => (await api()).list(),
    detail: async (id) => (await api()).detail(id),
    metrics: async (id, cursor) => (await api()).metrics(id, cursor),
    profile: async (id) => (await api()).profile(id),
    report: async (id, path) => (await api()).report(id, path),
  }
}
