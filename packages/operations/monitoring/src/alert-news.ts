/** Differences of alerts and targets between two polls. Pure. */

export interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
  /** ISO 8601. */
  readonly activeAt: string
}

export interface Target {
  readonly job: string
  readonly url: string
  readonly health: 'up' | 'down' | 'unknown'
  /** Why the last scrape failed; empty if it succeeded. */
  readonly error: string
}

export interface Look {
  readonly alerts: readonly Alert[]
  readonly targets: readonly Target[]
  /** All targets were scraped and all rules evaluated since Prometheus started; before that, data may just be missing. */
  readonly isWhole: boolean
}

export type News =
  | { readonly what: 'firing' | 'resolved'; readonly alert: Alert }
  | { readonly what: 'up' | 'down'; readonly target: Target }

/** Excludes pending alerts: after a start, alerts on unscraped data are pending. */
export function newsOf(before: Look, now: Look): readonly News[] {
  const [was, is] = [before, now].map(({ alerts }) => alerts.filter(isFiring))
  const [wasKeys, isKeys] = [was, is].map((alerts) => new Set(alerts!.map(keyOf)))
  const over = was!
    .filter((alert) => !isKeys!.has(keyOf(alert)))
    .map((alert): News => ({ what: 'resolved', alert }))
  const fresh = is!
    .filter((alert) => !wasKeys!.has(keyOf(alert)))
    .map((alert): News => ({ what: 'firing', alert }))
  const healthBefore = new Map(before.targets.map(({ url, health }) => [url, health]))
  const targets = now.targets.flatMap((target): News[] => {
    const { health, url } = target
    return health === 'unknown' || health === (healthBefore.get(url) ?? 'up')
      ? []
      : [{ what: health, target }]
  })
  return [...targets, ...over, ...fresh]
}

/**
 * The state to compare with the next poll. An alert that fired and is now pending is not resolved: Prometheus was restarted, and
 * restores its state with the second evaluation.
 */
export function settled(before: Look, now: Look): Look {
  const fired = new Set(before.alerts.filter(isFiring).map(keyOf))
  return {
    ...now,
    alerts: now.alerts.map((alert) => (fired.has(keyOf(alert)) ? { ...alert, state: 'firing' } : alert)),
  }
}

/** Two of one name differ in their other labels. */
function keyOf({ labels }: Alert): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Nothing is down and nothing fires. */
export function isWell({ alerts, targets }: Look): boolean {
  return targets.every(({ health }) => health === 'up') && !alerts.some(isFiring)
}

export const isFiring = ({ state }: Alert): boolean => state === 'firing'
