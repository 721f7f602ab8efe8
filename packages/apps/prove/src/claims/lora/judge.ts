/**
 * Parameter efficiency: reduction of the held-out loss per trained parameter, relative to full fine-tuning. The ratio of trained parameters
 * times the fraction of full fine-tuning's reduction that adapters reach. Pure.
 */

import type { ClaimMode, Judgement, Verdict } from '../../claim.ts'
import { average, spread } from '../../trial/spread.ts'
import { type FormName, formNames, forms, stepsOf } from './forms.ts'

/** Mean losses in nats a token. */
interface Losses {
  /** Loss on new held-out conversations, used to choose a learning rate. */
  readonly choice: number
  /** Loss on new held-out conversations, used to report. */
  readonly reported: number
  /** Loss on the base model's earlier responses. */
  readonly known: number
}

export interface LoraRun extends Losses {
  readonly form: FormName
  readonly peak: number
  readonly seed: number
  readonly trainedParameters: number
  /** That libtorch held at most. */
  readonly peakMiB: number
  readonly curve: readonly {
    readonly step: number
    readonly loss: number
    readonly processorSeconds: number
  }[]
}

export interface LoraRaw {
  /** Parameters of the model. */
  readonly parameters: number
  readonly rank: number
  readonly alpha: number
  readonly windows: number
  readonly windowLength: number
  /** Parameters for each one of an adapter of that rank, of models that are larger: counted. */
  readonly counted: Readonly<Record<string, number>>
  readonly before: Losses
  readonly runs: readonly LoraRun[]
  /** The rate of each form that was best with the first seed. */
  readonly best: Readonly<Record<FormName, number>>
}

export const claimedTimes = 40

export interface FormResult {
  readonly trained: number
  /** Nats that the reported loss fell by, in the mean over seeds. */
  readonly gain: number
  /** Forgetting, in nats per token. */
  readonly forgotten: number
  readonly peakMiB: number
  readonly secondsPerStep: number
  /** Multiple of full tuning's loss reduction per trained parameter. */
  readonly times: number
}

export function resultsOf(raw: LoraRaw): Readonly<Record<FormName, FormResult>> {
  const of = (form: FormName): Omit<FormResult, 'times'> => {
    const runs = chosenRuns(raw, form)
    return {
      trained: runs[0]!.trainedParameters,
      gain: average(runs.map(({ reported }) => raw.before.reported - known(reported))),
      forgotten: average(runs.map((run) => known(run.known) - raw.before.known)),
      peakMiB: Math.max(...runs.map(({ peakMiB }) => peakMiB)),
      secondsPerStep: average(runs.map(({ curve }) => curve.at(-1)!.processorSeconds / curve.at(-1)!.step)),
    }
  }
  const full = of('full')
  // Against tuning that learns nothing, everything would be efficient.
  if (!(full.gain > 0)) throw new Error('full tuning learns nothing, so there is nothing to compare with')
  const withTimes = (form: FormName): FormResult => {
    const own = of(form)
    return { ...own, times: own.gain / own.trained / (full.gain / full.trained) }
  }
  return { full: withTimes('full'), lora: withTimes('lora'), layered: withTimes('layered') }
}

/** JSON encodes the loss of a diverged run as null, which is not 0. */
const known = (loss: number | null): number => loss ?? Number.NaN

const chosenRuns = ({ runs, best }: LoraRaw, form: FormName): LoraRun[] =>
  runs.filter((run) => run.form === form && run.peak === best[form])

export function judgeLora(raw: LoraRaw, mode: ClaimMode): Judgement {
  const results = resultsOf(raw)
  const { full, lora, layered } = results
  const fewer = full.trained / layered.trained
  const share = layered.gain / full.gain
  const counted = Object.entries(raw.counted)
  const enough = counted.filter(([, times]) => times >= claimedTimes)
  const first = chosenRuns(raw, 'full').length
  return {
    verdict: verdictOf(layered.times, share, enough.length),
    measured: `${layered.times.toFixed(1)} times: ${fewer.toFixed(1)} times fewer trained parameters, and ${percent(share)} of what full tuning learns`,
    conditions: `the bundled decoder (${millions(raw.parameters)}), ${stepsOf[mode]} steps of ${raw.windows} x ${raw.windowLength} tokens of conversations about islands, drawn from the seed, fp32; r = ${raw.rank}, alpha = ${raw.alpha} beside every linear layer, bottom rate a tenth of the top's; each form at its best rate (${formNames.map((form) => raw.best[form]).join(', ')}, ${mode === 'full' ? 'of those tried here' : 'of those tried beforehand'}), ${first} seeds`,
    reason: [
      `Efficiency is the fall of held-out loss for each trained parameter, beside full tuning's, from ${raw.before.reported.toFixed(2)} nats a token: ${falls(raw, results)}.`,
      `The ratio of parameters goes by width, not by the method: at this width it is ${fewer.toFixed(0)}, counted for ${counted.map(([name, times]) => `${name} ${times.toFixed(0)}`).join(', ')}.`,
      `With one rate for all layers: ${lora.times.toFixed(1)} times. ${equalTime(raw)}`,
      `What the model answered before is ${nats(full.forgotten)} less likely a token after full tuning, ${nats(lora.forgotten)} after LoRA, ${nats(layered.forgotten)} with layered rates; libtorch held at most ${full.peakMiB.toFixed(0)}, ${lora.peakMiB.toFixed(0)} and ${layered.peakMiB.toFixed(0)} MiB.`,
    ].join(' '),
    plots: [
      {
        kind: 'bars',
        title: 'Fall of held-out loss for each trained parameter, full tuning = 1',
        unit: 'times',
        bars: formNames.map((form) => ({ name: forms[form].title, value: results[form].times })),
        mark: { name: 'claimed', value: claimedTimes },
      },
      {
        kind: 'lines',
        title: 'Held-out loss of the new conversations',
        x: 'processor seconds of training',
        y: 'nats a token',
        series: formNames.map((form) => ({
          name: forms[form].title,
          points: [
            [0, raw.before.choice] as const,
            ...chosenRuns(raw, form)[0]!.curve.map(
              ({ processorSeconds, loss }) => [processorSeconds, loss] as const,
            ),
          ],
        })),
      },
      {
        kind: 'bars',
        title: `Trained parameters of full tuning for each one of LoRA, r = ${raw.rank}, counted`,
        unit: 'times',
        bars: [
          { name: 'the bundled decoder', value: fewer },
          ...counted.map(([name, value]) => ({ name, value })),
        ],
        mark: { name: 'claimed', value: claimedTimes },
      },
    ],
  }
}

/** Half of what full tuning learns is little; below that, fewer parameters do not count as efficient. */
const minShare = 0.5

function verdictOf(times: number, share: number, wideEnough: number): Verdict {
  if (times >= claimedTimes && share >= minShare) return 'reproduced'
  return times > 1 && share >= minShare && wideEnough > 0 ? 'partly' : 'not reproduced'
}

const falls = (raw: LoraRaw, results: Readonly<Record<FormName, FormResult>>): string =>
  formNames
    .map((form) => {
      const gains = chosenRuns(raw, form).map(({ reported }) => raw.before.reported - reported)
      return `${forms[form].title} ${spread(gains)} nats for ${millions(results[form].trained)}`
    })
    .join(', ')

/** Losses on the part that rates are chosen by, after as much of the processor's time as the quicker of two took. */
function equalTime(raw: LoraRaw): string {
  const [full, layered] = (['full', 'layered'] as const).map((form) => chosenRuns(raw, form)[0]!) as [
    LoraRun,
    LoraRun,
  ]
  const seconds = Math.min(...[full, layered].map(({ curve }) => curve.at(-1)!.processorSeconds))
  const [a, b] = [full, layered].map((run) => lossAfter(run, seconds, raw.before.choice).toFixed(2))
  return `After equal time of the processor (${seconds.toFixed(1)} s) the loss is ${a} with all weights and ${b} with layered adapters.`
}

/** Read off the line between two evaluations. */
export function lossAfter({ curve }: Pick<LoraRun, 'curve'>, seconds: number, before: number): number {
  let [x, y] = [0, before]
  for (const { processorSeconds, loss } of curve) {
    if (processorSeconds >= seconds)
      return y + ((loss - y) * (seconds - x)) / Math.max(processorSeconds - x, Number.EPSILON)
    ;[x, y] = [processorSeconds, loss]
  }
  return y
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
const millions = (count: number): string => `${(count / 1e6).toFixed(2)} M`
const nats = (value: number): string => `${value.toFixed(2)} nats`
