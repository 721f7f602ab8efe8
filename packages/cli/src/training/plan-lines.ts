/** A run's plan as people read it. */

import { formatBytes, formatCount } from '@hadal/base'
import { type LayerRates, ratesByLayer } from '@hadal/nn'
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
      'run',
      `${run.name} in ${run.folder}, seed ${run.seed}, ${run.precision}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    ],
    [
      'model',
      `${formatCount(parameters)} parameters${activatedParameters === parameters ? '' : `, ${formatCount(activatedParameters)} of them for each token`}`,
    ],
    ...(run.adapter
      ? ([['trained', `${formatCount(trainedParameters)} parameters of ${adapterText(run)}`]] as const)
      : []),
    ...(run.rates ? ([['rates', ratesText(run)]] as const) : []),
    ...courseChanges(run).map(
      ({ step, message }, at) => [at === 0 ? 'quantised' : '', `from step ${step} on: ${message}`] as const,
    ),
    ['starts from', run.startFrom ? 'given weights' : 'fresh weights'],
    ['memory', `${formatBytes(memory)}, beside libtorch and data`],
    [
      '  weights',
      `${formatBytes(bytes.weights)}${run.quantization ? ', fp32 and what computes' : run.precision === 'fp32' ? '' : `, fp32 and their ${run.precision === 'fp16' ? 'fp16' : 'bf16'} copies`}`,
    ],
    ['  gradients', formatBytes(bytes.gradients)],
    ['  optimizer', `${formatBytes(bytes.optimizer)}, ${run.optimizer.kind ?? 'adamw'}`],
    ...(run.average ? ([['  average', formatBytes(bytes.average)]] as const) : []),
    ['  activations', `${formatBytes(bytes.activations)}, of ${windows} ${rowsOf(plan)} at once`],
    [
      '  copies',
      `${formatBytes(hostBytes.copies)}, of weights, optimizer and average: ${run.guard ? 'one for the guard, one while it or a checkpoint is made' : 'while a checkpoint is made'}`,
    ],
    ...(run.startFrom ? ([['  start', formatBytes(hostBytes.startFrom)]] as const) : []),
    [
      'a step',
      `${formatCount(tokensPerStep)} ${plan.unit}, in ${accumulate} ${accumulate === 1 ? 'pass' : 'passes'}; ${power(tokensPerStep * plan.flopsPerToken)}FLOP`,
    ],
    ['an epoch', stepsPerEpoch === undefined ? 'not known of a stream' : `${stepsPerEpoch.toFixed(1)} steps`],
    [
      'the run',
      `${formatCount(totalSteps)} steps${stepsPerEpoch === undefined ? '' : ` or ${(totalSteps / stepsPerEpoch).toFixed(2)} epochs`}, ${formatCount(totalSteps * tokensPerStep)} ${plan.unit}, ${power(totalSteps * tokensPerStep * plan.flopsPerToken)}FLOP`,
    ],
  ]
  const privacy = forecastPrivacy(run)
  if (privacy) rows.push(...privacyRows(privacy))
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`)
}

/** What a pass has so many of. */
const rowsOf = ({ unit }: RunPlan): string => (unit === 'tokens' ? 'windows' : unit)

/** `1e-5 ... 1e-4 over 12 layers, linear`, or `text 1e-5, image 5e-6`. */
function ratesText(run: Run): string {
  if (!isLanguageRun(run)) return towerRatesText(run)
  const { schedule, model } = run
  const rates = (run.rates ?? {}) as LayerRates
  const { layers } = ratesByLayer(rates, schedule.peak, model.num_hidden_layers)
  const { shape = rates.decay === undefined ? 'linear' : 'geometric' } = rates
  const form = typeof shape === 'string' ? shape : 'listed'
  return `${short(layers[0]!)} ... ${short(layers.at(-1)!)} over ${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}, ${form}`
}

const short = (rate: number): string => Number(rate.toPrecision(3)).toExponential()

function towerRatesText({ rates = {}, schedule }: Run): string {
  const { text = schedule.peak, image = schedule.peak } = rates as TowerRates
  return `text ${short(text)}, image ${short(image)}`
}

function adapterText({ adapter = {} }: Run): string {
  const { dora, quantization } = adapter
  const beside = quantization === 'nf4' ? 'it, whose linear modules are kept in NF4' : 'it'
  return `${dora ? 'DoRA' : 'LoRA'} adapters beside ${beside}`
}

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const

/** `12.3 T`. */
function power(value: number): string {
  const step = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)))
  return `${(value / 1000 ** step).toPrecision(3)} ${prefixes[step]}`
}
