/** Events of a run from its `events.jsonl`: samples and notes. Events of abandoned steps are dropped. */

import { join } from 'node:path'
import type { RunNoteLine, RunSample } from '@hadal/protocol'
import { type RunNote, runNotesName } from '@hadal/train/record'
import { LineFollower } from './line-follower.ts'

/** The newest are kept. */
const maxSamples = 400
const maxNotes = 400
const longestText = 8000

export class RunEvents {
  readonly #follower: LineFollower
  samples: RunSample[] = []
  notes: RunNoteLine[] = []

  constructor(folder: string) {
    this.#follower = new LineFollower(join(folder, runNotesName), {
      begin: () => {
        this.samples = []
        this.notes = []
      },
      line: (text) => this.#take(text),
      tooLong: () => undefined,
    })
  }

  async read(millis: number): Promise<void> {
    await this.#follower.read(millis)
  }

  #take(text: string): void {
    const note = parsed(text)
    if (note === undefined) return
    const { at } = note
    if (note.type === 'sampled') {
      const { step, prompt, text: said } = note
      if (typeof prompt !== 'string' || typeof said !== 'string') return
      this.samples.push({ step, prompt: prompt.slice(0, longestText), text: said.slice(0, longestText) })
      if (this.samples.length > maxSamples) this.samples.shift()
      return
    }
    if (note.type === 'started' || note.type === 'decision') this.#goBack(note.step)
    const line = lineOf(note)
    if (line === undefined) return
    this.notes.push({ at, ...line, text: line.text.slice(0, longestText) })
    if (this.notes.length > maxNotes) this.notes.shift()
  }

  /** Reverts to the state after `step`. Notes are kept, because they document what happened. */
  #goBack(step: number): void {
    this.samples = this.samples.filter((sample) => sample.step <= step)
  }
}

function lineOf(note: RunNote): Omit<RunNoteLine, 'at'> | undefined {
  switch (note.type) {
    case 'started':
      return {
        step: note.step,
        kind: 'start',
        text: note.step === 0 ? 'begins' : `goes on after step ${note.step}`,
      }
    case 'best':
      return {
        step: note.step,
        kind: 'best',
        text: `kept as one of the best, held-out loss ${shortLoss(note.loss)}`,
      }
    case 'split':
      return { step: note.step, kind: 'memory', text: String(note.message) }
    case 'profiled':
      return {
        step: note.step,
        kind: 'profile',
        text: `steps were recorded: ${(Array.isArray(note.advice) ? note.advice : []).join('; ')}`,
      }
    case 'warning':
      return { kind: 'warning', text: String(note.message) }
    case 'ended':
      return {
        step: note.step,
        kind: 'end',
        text: note.reason === undefined ? String(note.state) : `${note.state}: ${note.reason}`,
      }
    default:
      return undefined
  }
}

const shortLoss = (loss: unknown): string => (typeof loss === 'number' ? loss.toPrecision(5) : String(loss))

function parsed(text: string): RunNote | undefined {
  try {
    const note = JSON.parse(text) as Readonly<Record<string, unknown>> | null
    if (typeof note !== 'object' || note === null || typeof note.at !== 'number') return undefined
    const isSound = note.type === 'warning' || Number.isSafeInteger(note.step)
    return isSound && typeof note.type === 'string' ? (note as unknown as RunNote) : undefined
  } catch {
    return undefined
  }
}
