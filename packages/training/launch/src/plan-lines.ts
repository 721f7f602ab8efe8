/** A run's plan as people read it. */

import { formatBytes, formatCount } from '@hadal/base'
import { type LayerRates, ratesByLayer } from '@hadal/nn'
import { say, translate, visibleLength } from '@hadal/output'
import {
  courseChanges,
  forecastPrivacy,
  isLanguageRun,
  type Run,
  type RunPlan,
  type TowerRates,
} from '@hadal/train'
import { privacyRows } from './privacy-lines.ts'

export function planLines(run: Run, plan: RunPlan, threads: number): string[] {
  const { bytes, hostBytes, parameters, activatedParameters, trainedParameters } = plan
  const { tokensPerStep, stepsPerEpoch, totalSteps } = plan
  const { windows, accumulate } = run.batch
  const memory = [...Object.values(bytes), ...Object.values(hostBytes)].reduce((sum, each) => sum + each, 0)
  const rows: (readonly [string, string])[] = [
    [
      say`run`,
      say`${run.name} in ${run.folder}, seed ${run.seed}, ${run.precision}, ${threads} ${threads === 1 ? say`thread` : say`threads`}`,
    ],
    [
      say`model`,
      say`${formatCount(parameters)} parameters${activatedParameters === parameters ? '' : say`, ${formatCount(activatedParameters)} of them for each token`}`,
    ],
    ...(run.adapter
      ? ([[say`trained`, say`${formatCount(trainedParameters)} parameters of ${adapterText(run)}`]] as const)
      : []),
    ...(run.rates ? ([[say`rates`, ratesText(run)]] as const) : []),
    ...courseChanges(run).map(
      ({ step, message }, at) =>
        [at === 0 ? say`quantised` : '', say`from step ${step} on: ${message}`] as const,
    ),
    [say`starts from`, run.startFrom ? say`given weights` : say`fresh weights`],
    [say`memory`, say`${formatBytes(memory)}, plus libtorch and data`],
    [
      say`  weights`,
      `${formatBytes(bytes.weights)}${run.quantization ? ', fp32 and what computes' : run.precision === 'fp32' ? '' : `, fp32 and their ${run.precision === 'fp16' ? 'fp16' : 'bf16'} copies`}`,
    ],
    [say`  gradients`, formatBytes(bytes.gradients)],
    [say`  optimizer`, `${formatBytes(bytes.optimizer)}, ${run.optimizer.kind ?? 'adamw'}`],
    ...(run.average ? ([[say`  average`, formatBytes(bytes.average)]] as const) : []),
    [say`  activations`, say`${formatBytes(bytes.activations)} for ${windows} ${rowsOf(plan)} at once`],
    [
      say`  copies`,
      say`${formatBytes(hostBytes.copies)} of weights, optimizer and average: ${run.guard ? say`one for the guard, one during a snapshot or checkpoint` : say`during a checkpoint`}`,
    ],
    ...(run.startFrom ? ([[say`  start`, formatBytes(hostBytes.startFrom)]] as const) : []),
    [
      say`a step`,
      say`${formatCount(tokensPerStep)} ${translate(plan.unit)} in ${accumulate} ${accumulate === 1 ? say`pass` : say`passes`}; ${power(tokensPerStep * plan.flopsPerToken)}FLOP`,
    ],
    [
      say`an epoch`,
      stepsPerEpoch === undefined ? say`unknown for a stream` : say`${stepsPerEpoch.toFixed(1)} steps`,
    ],
    [
      say`the run`,
      say`${formatCount(totalSteps)} steps${stepsPerEpoch === undefined ? '' : say` or ${(totalSteps / stepsPerEpoch).toFixed(2)} epochs`}, ${formatCount(totalSteps * tokensPerStep)} ${translate(plan.unit)}, ${power(totalSteps * tokensPerStep * plan.flopsPerToken)}FLOP`,
    ],
  ]
  const privacy = forecastPrivacy(run)
  if (privacy) rows.push(...privacyRows(privacy))
  const width = Math.max(...rows.map(([name]) => visibleLength(name)))
  return rows.map(([name, text]) => `${name}${' '.repeat(width - visibleLength(name))}  ${text}`)
}

/** Name of a pass's rows. */
const rowsOf = ({ unit }: RunPlan): string => (unit === 'tokens' ? say`windows` : translate(unit))

/** `1e-5 ... 1e-4 over 12 layers, linear`, or `text 1e-5, image 5e-6`. */
function ratesText(run: Run): string {
  if (!isLanguageRun(run)) return towerRatesText(run)
  const { schedule, model } = run
  const rates = (run.rates ?? {}) as LayerRates
  const { layers } = ratesByLayer(rates, schedule.peak, model.num_hidden_layers)
  const { shape = rates.decay === undefined ? say`linear` : say`geometric` } = rates
  const form = typeof shape === 'string' ? shape : say`listed`
  return say`${short(layers[0]!)} ... ${short(layers.at(-1)!)} over ${layers.length} ${layers.length === 1 ? say`layer` : say`layers`}, ${form}`
}

const short = (rate: number): string => Number(rate.toPrecision(3)).toExponential()

function towerRatesText({ rates = {}, schedule }: Run): string {
  const { text = schedule.peak, image = schedule.peak } = rates as TowerRates
  return say`text ${short(text)}, image ${short(image)}`
}

function adapterText({ adapter = {} }: Run): string {
  const { dora, quantization } = adapter
  const beside = quantization === 'nf4' ? say`the base model with linear modules in NF4` : 'it'
  return say`${dora ? 'DoRA' : 'LoRA'} adapters for ${beside}`
}

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const

/** `12.3 T`. */
function power(value: number): string {
  const step = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)))
  return `${(value / 1000 ** step).toPrecision(3)} ${prefixes[step]}`
}
