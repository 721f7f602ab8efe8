/** Prints and writes the profile of a running server. */

import type { Terminal } from '@hadal/output'
import { formatTable, usage } from '@hadal/output'
import { servingAdvice, servingFacts, servingRows, type Trace } from '@hadal/profiling'
import { deliverProfile, type ProfileFiles } from './deliver-profile.ts'

const defaultSeconds = '10'

/** `where` is for display. `asJson`: prints machine-readable numbers. Throws `report_unwritable`. */
export async function deliverServerProfile(
  where: string,
  trace: Trace,
  files: ProfileFiles,
  terminal: Terminal,
  asJson = false,
): Promise<void> {
  const models = servingFacts(trace)
  const advice = servingAdvice(models)
  const names = models.map(({ model }) => model).join(', ')
  const seconds = (trace.durationMicros / 1e6).toFixed(1)
  const title = names === '' ? `nobody asked ${where}` : `${names} at ${where}`
  const numbers = models.map((facts) => ({ title: facts.model, rows: servingRows(facts) }))
  const about = { recorded: `${seconds} s` }
  if (asJson) terminal.print(JSON.stringify({ models, advice, notes: trace.notes ?? [] }, null, 2))
  else
    for (const { title: model, rows } of numbers) {
      terminal.print(terminal.style.bold(model))
      const cells = rows.map(([what, figure]) => [`  ${what}`, figure])
      terminal.print(`${formatTable(cells, ['left', 'left'])}\n`)
    }
  await deliverProfile({ title, trace, advice, facts: { about }, numbers }, files, terminal, asJson)
}

/** Throws `usage`. */
export function profileSeconds(text: string = defaultSeconds): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw usage(`${JSON.stringify(text)} is not a number above 0`, 'hadal profile')
}
