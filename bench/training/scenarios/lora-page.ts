/** The page of the scenario lora. */

import type { DecoderConfig } from '@hadal/nn'
import { markdownTable, type ReportFacts } from '../../report-files.ts'

export interface Round {
  readonly form: string
  readonly peak: number
  readonly loadAverage: number
  readonly trainedParameters: number
  /** Of steps alone; the held-out loss before the first is the base's. */
  readonly secondsPerStep: number
  readonly validLosses: readonly { readonly step: number; readonly loss: number }[]
  /** The most that libtorch held, and what it held between two steps. */
  readonly peakMiB: number
  readonly heldMiB: number
  /** Of the process, with the weights that the run was given in host memory. */
  readonly residentMiB: number
}

export interface Setup {
  readonly model: DecoderConfig
  readonly parameters: number
  readonly threads: number
  readonly steps: number
  readonly windows: number
  readonly windowLength: number
  readonly baseSteps: number
  readonly baseLoss: number
}

export function loraPage(
  { date, command, machine }: ReportFacts,
  setup: Setup,
  results: readonly Round[],
): string {
  const { model, parameters, threads, steps, windows, windowLength, baseSteps, baseLoss } = setup
  const best = [...new Set(results.map(({ form }) => form))].map((form) =>
    results
      .filter((round) => round.form === form)
      .reduce((least, each) => (lossAt(each, steps) < lossAt(least, steps) ? each : least)),
  )
  const full = best.find(({ form }) => form === 'full')!
  const seconds = full.secondsPerStep * steps
  const tokens = windows * windowLength
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`
  const rows = best.map((round) => [
    round.form,
    round.peak.toPrecision(1),
    `${(round.trainedParameters / 1e6).toFixed(2)} M`,
    `${(full.trainedParameters / round.trainedParameters).toFixed(1)}x`,
    `${round.heldMiB.toFixed(0)} (${percent(round.heldMiB, full.heldMiB)})`,
    `${round.peakMiB.toFixed(0)} (${percent(round.peakMiB, full.peakMiB)})`,
    round.residentMiB.toFixed(0),
    `${(tokens / round.secondsPerStep).toFixed(0)} (${(full.secondsPerStep / round.secondsPerStep).toFixed(2)}x)`,
    lossAt(round, steps).toFixed(4),
    lossAt(round, seconds / round.secondsPerStep).toFixed(4),
  ])
  const marks = [...new Set(best.flatMap(({ validLosses }) => validLosses.map(({ step }) => step)))].sort(
    (a, b) => a - b,
  )
  const curve = marks.map((step) => [
    step,
    ...best.map(({ validLosses }) => validLosses.find((each) => each.step === step)?.loss.toFixed(4) ?? ''),
  ])
  return `# Adapters against full tuning, ${date}

\`${command}\`

- ${machine}
- a Llama of ${(parameters / 1e6).toFixed(1)} M parameters in bf16, d=${model.hidden_size}, ${model.num_hidden_layers} layers, vocabulary ${model.vocab_size}; its base is trained for ${baseSteps} steps on the nano recipe's documents without the prose, held-out loss on prose ${baseLoss.toFixed(4)}
- tuned on the prose among them: steps of ${windows} x ${windowLength} tokens, a constant rate after warm-up, fused AdamW, clipped at 1; adapters of rank 16, alpha 32 beside every linear layer but the head
- ${threads} thread${threads === 1 ? '' : 's'}, one form after the other, each in a process of its own; load average before each: ${results.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')}
- held-out losses in nats a token, after ${steps} steps and after the ${seconds.toPrecision(3)} s that full tuning takes for them (read off the line between two evaluations); of the rates tried, the one that is best after ${steps} steps
- memory in MiB: what libtorch holds between two steps, and at most within them; of the process at most, with the weights that the run was given, in fp32

${markdownTable(
  [
    'form',
    'peak rate',
    'trained',
    'fewer',
    'held',
    'peak',
    'process',
    'tokens/s',
    'loss, equal steps',
    'loss, equal time',
  ],
  rows,
)}

${markdownTable(['step', ...best.map(({ form }) => form)], curve)}

Every rate that was tried:

${markdownTable(
  ['form', 'peak rate', `loss after ${steps} steps`, 's a step'],
  results.map((round) => [
    round.form,
    round.peak.toPrecision(2),
    lossAt(round, steps).toFixed(4),
    round.secondsPerStep.toFixed(3),
  ]),
)}
`
}

/** On the line between the evaluations around it. */
function lossAt({ validLosses }: Round, step: number): number {
  const after = validLosses.find((each) => each.step >= step) ?? validLosses.at(-1)!
  const before = validLosses.findLast((each) => each.step <= step) ?? after
  if (after.step === before.step) return after.loss
  const share = (step - before.step) / (after.step - before.step)
  return before.loss + share * (after.loss - before.loss)
}
