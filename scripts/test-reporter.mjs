/**
 * What `npm test` prints: failed files with their errors, a line of progress, the ten slowest files, and last one plain line
 * of counts for scripts that read the log. Durations are kept for `npm test -- --changed`.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DefaultReporter } from 'vitest/node'
import { durationsFile, readDurations } from './test-durations.mjs'

/** Between two lines of progress where the output is no terminal. A terminal shows a live summary. */
const progressMillis = 20_000

export default class TestReporter extends DefaultReporter {
  #files = 0
  #ended = []
  #counts = { passed: 0, failed: 0, skipped: 0 }
  #began = 0
  #nextProgress = 0

  onTestRunStart(specifications) {
    super.onTestRunStart(specifications)
    this.#files = specifications.length
    this.#began = performance.now()
    this.#nextProgress = this.#began + progressMillis
  }

  onTestModuleEnd(module) {
    super.onTestModuleEnd(module)
    this.#ended.push(module)
    if (module.state() === 'failed' && module.errors().length > 0) this.#counts.failed += 1
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state !== 'pending') this.#counts[state] += 1
    }
    if (this.isTTY || performance.now() < this.#nextProgress) return
    this.#nextProgress = performance.now() + progressMillis
    const { passed, failed } = this.#counts
    const seconds = Math.round((performance.now() - this.#began) / 1000)
    this.log(
      `${this.#ended.length} of ${this.#files} files, ${passed} tests passed, ${failed} failed, ${seconds} s`,
    )
  }

  /** Files that passed need no line of their own. */
  printTestModule(module) {
    if (module.state() === 'failed') super.printTestModule(module)
  }

  onTestRunEnd(...args) {
    super.onTestRunEnd(...args)
    const slowest = this.#ended
      .map((module) => ({ file: module.relativeModuleId, millis: durationOf(module) }))
      .sort((a, b) => b.millis - a.millis)
    keepDurations(slowest)
    if (slowest.length > 10) {
      this.log('Slowest files:')
      for (const { file, millis } of slowest.slice(0, 10))
        this.log(`${(millis / 1000).toFixed(1).padStart(8)} s  ${file}`)
    }
    const { passed, failed, skipped } = this.#counts
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
}

/** Importing the file and running its tests. */
function durationOf(module) {
  const { collectDuration, duration } = module.diagnostic()
  return collectDuration + duration
}

function keepDurations(measured) {
  const known = readDurations()
  for (const { file, millis } of measured) known[file] = Math.round(millis)
  mkdirSync(dirname(durationsFile), { recursive: true })
  writeFileSync(durationsFile, JSON.stringify(known))
}
