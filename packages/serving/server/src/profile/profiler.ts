/** Records server activity on request; otherwise idle. */

import type { Clock } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import type { TimelineFeed } from '../observability/timeline-feed.ts'
import { profileBusy } from './errors.ts'
import type { Recorded } from './recorded.ts'
import type { KnownNames } from './recorded-requests.ts'
import { Recording } from './recording.ts'

export interface ProfilerOptions {
  readonly clock: Clock
  readonly requests: Pick<TimelineFeed, 'open' | 'follow'>
  /** The engines that are ready. */
  readonly engines: () => readonly Engine[]
  readonly modelOf: KnownNames['modelOf']
}

export interface ProfileWish {
  readonly millis: number
  /** Restricts the profile to this model. */
  readonly model?: string
}

const maxRecordings = 4

interface UnderWay {
  readonly recording: Recording
  readonly model: string | undefined
  readonly watches: Disposable[]
}

export class Profiler {
  readonly #options: ProfilerOptions
  readonly #underWay = new Set<UnderWay>()

  constructor(options: ProfilerOptions) {
    this.#options = options
  }

  /** Adds an engine. */
  ready(engine: Engine): void {
    for (const each of this.#underWay) watch(each, engine)
  }

  /** Throws `profile_busy`, and the signal's reason. */
  async record({ millis, model }: ProfileWish, signal: AbortSignal): Promise<Recorded> {
    if (this.#underWay.size >= maxRecordings) throw profileBusy(maxRecordings)
    const { clock, requests, engines, modelOf } = this.#options
    const recording = new Recording(clock, modelOf)
    const isWanted = (name: string | undefined): boolean =>
      model === undefined || (name !== undefined && modelOf(name) === model)
    const own: UnderWay = { recording, model, watches: [] }
    this.#underWay.add(own)
    own.watches.push(requests.follow((record) => isWanted(record.requested?.model) && recording.ended(record)))
    for (const engine of engines()) watch(own, engine)
    try {
      await clock.sleep(millis, signal)
      return recording.finish([...requests.open].filter(({ requested }) => isWanted(requested?.model)))
    } finally {
      this.#underWay.delete(own)
      for (const each of own.watches) each[Symbol.dispose]()
    }
  }
}

function watch({ recording, model, watches }: UnderWay, engine: Engine): void {
  if (model === undefined || model === engine.model.id) watches.push(recording.watch(engine))
}
