/** The order of test files: the longest first, so that none is left alone at the end. Files that share a process stay together, after the others. */

import { relative, sep } from 'node:path'
import { BaseSequencer } from 'vitest/node'
import { root } from './prepare.mjs'
import { readDurations } from './test-durations.mjs'

export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const durations = readDurations()
    const order = new Map(
      files.map((file) => {
        const { name, config } = file.project
        const path = relative(root, file.moduleId).split(sep).join('/')
        return [file, { shares: config.isolate ? '' : name, millis: durations[path] ?? 0 }]
      }),
    )
    return [...files].sort((a, b) => {
      const [first, second] = [order.get(a), order.get(b)]
      if (first.shares !== second.shares) return first.shares < second.shares ? -1 : 1
      return second.millis - first.millis
    })
  }
}
