/** Training failures: NaN losses, exploding gradients, and our divergence guard's messages. */

import { advice, withFigure } from '../advice.ts'
import type { Cause, Figures } from '../cause.ts'
import { clipping, mixedPrecision, palm, slurmSbatch } from '../sources.ts'
import { lossesNotFinite, normsHigh, normsRising } from './divergence.ts'

export const trainingCauses: readonly Cause[] = [
  {
    id: 'training_diverged',
    family: 'training',
    title: 'Training diverged',
    severity: 'error',
    weight: 6,
    shows: [
      /step (?<step>\d{1,10}) gave (?<trouble>gradient norm [\d.eE+]{1,12}, above [\d.]{1,8} for \d{1,6} steps|loss \S{1,20} and gradient norm \S{1,20}|weights that are not finite), in (?<layer>[^,]{1,120}), on (?<batch>.{1,300}?)(?:: (?:back to step (?<goodStep>\d{1,10})|weights left as they were).{0,120}|;|$)/,
    ],
    explains: [
      'training_norms_high',
      'training_norms_rising',
      'training_loss_not_finite',
      'training_loss_scale',
      'torch_child_failed',
      'node_uncaught',
    ],
    says: ({ step, trouble, layer, batch, goodStep }) =>
      `Step ${step ?? ''} gave ${trouble ?? 'values that are not finite'}, in ${layer ?? 'a layer'}, on ${batch ?? 'a batch'}${withFigure(goodStep, (good) => `; the run went back to step ${good}`)}.`,
    fix: (figures) => ({
      text: `Look at the batches named. If they are sound, halve schedule.peak or double schedule.warmupSteps, and go on from ${figures.goodStep === undefined ? 'the last good checkpoint' : `step ${figures.goodStep}`}.`,
    }),
    source: palm,
  },
  {
    id: 'training_norms_high',
    family: 'training',
    title: 'Gradient norms stay above 100',
    severity: 'error',
    weight: 5,
    shows: normsHigh,
    explains: ['training_loss_not_finite', 'training_loss_scale', 'training_norms_rising'],
    says: (figures) =>
      `From ${figures.place ?? 'some step'} on the gradient norm was above 100 for ${figures.steps ?? 'several'} logged steps in a row, up to ${figures.norm ?? '?'}${where(figures)}: training diverges${withFigure(figures.learningRate, (rate) => ` at a learning rate of ${rate}`)}.`,
    fix: goBack,
    source: palm,
  },
  {
    id: 'training_loss_not_finite',
    family: 'training',
    title: 'The loss is not a number',
    severity: 'error',
    weight: 4,
    shows: (lines) => [
      ...lossesNotFinite(lines),
      ...lines.flatMap(({ text }, index) =>
        /\b[Ll]oss is (?:nan|inf)\b|\bLoss is NaN\b/.test(text)
          ? [{ from: index, to: index, figures: {} }]
          : [],
      ),
    ],
    explains: ['training_loss_scale'],
    says: (figures) =>
      `The loss became ${figures.loss ?? 'NaN'}${withFigure(figures.place, (place) => ` at ${place}`)}${where(figures)}: a step that was too large, an overflow in half precision, or a batch with bad values or no labels.`,
    fix: (figures) => ({
      text: `Go back to ${lastGood(figures)}, lower the learning rate or lengthen the warm-up, and look at the batch of that step; in fp16 try bf16. ${clip} torch.autograd.set_detect_anomaly(True) names the first operation that goes wrong.`,
    }),
    source: mixedPrecision,
  },
  {
    id: 'training_norms_rising',
    family: 'training',
    title: 'Gradient norms rise',
    severity: 'warning',
    weight: 4,
    shows: normsRising,
    says: (figures) =>
      `Since ${figures.place ?? 'some step'} the gradient norm has risen from ${figures.before ?? '?'} to ${figures.norm ?? '?'} and goes on${where(figures)}: training is about to diverge${withFigure(figures.learningRate, (rate) => ` at a learning rate of ${rate}`)}.`,
    fix: goBack,
    source: clipping,
  },
  {
    id: 'training_loss_scale',
    family: 'training',
    title: 'The loss scale of half precision fell to its least',
    severity: 'error',
    weight: 3,
    shows: [
      /[Cc]urrent loss scale already at minimum/,
      /Minimum loss scale reached \((?<scale>[\d.eE-]{1,16})\)/,
      /Gradient overflow\. +Skipping step, (?:loss scaler? \d{1,3} )?reducing loss scale to (?<scale>[\d.eE-]{1,16})/,
    ],
    says: ({ scale }) =>
      `Gradients overflow in fp16 at every scale${withFigure(scale, (value) => ` (now ${value})`)}: they are not finite by themselves. Some skipped steps at the start are normal.`,
    fix: advice(
      'If it goes on, use bf16, lower the learning rate, and look for the first step whose loss is odd.',
    ),
    source: mixedPrecision,
  },
  {
    id: 'slurm_time_limit',
    family: 'training',
    title: "The job reached Slurm's time limit",
    severity: 'error',
    weight: 5,
    shows: [
      /\b(?:JOB|STEP) (?<job>[\d._+]{1,20}) (?:ON (?<node>\S{1,80}) )?CANCELLED AT \S{1,40} DUE TO TIME LIMIT/,
    ],
    explains: ['torch_child_failed', 'process_stopped', 'exit_137', 'nccl_peer_gone'],
    says: ({ job, node }) =>
      `Slurm ended job ${job ?? ''}${withFigure(node, (name) => ` on ${name}`)} because its time was over; the program itself did not fail.`,
    fix: advice(
      'Ask for more time, or go on from the last checkpoint; --signal tells the program some minutes before the end.',
      'sacct -j JOB --format=JobID,State,Elapsed,Timelimit; sbatch --time=24:00:00 --signal=B:TERM@300 SCRIPT',
    ),
    source: slurmSbatch,
  },
]

const clip = 'Clip gradients if they are not clipped yet.'

const lastGood = ({ goodPlace }: Figures): string =>
  goodPlace === undefined ? 'the last checkpoint before it' : `the last good state (${goodPlace})`

const where = ({ layer, batch }: Figures): string =>
  `${withFigure(layer, (name) => `, in ${name}`)}${withFigure(batch, (name) => `, on ${name}`)}`

function goBack(figures: Figures): { text: string; command?: string } {
  const { layer, batch, learningRate } = figures
  const rate = Number(learningRate) > 0 ? ` (to ${Number((Number(learningRate) / 2).toPrecision(3))})` : ''
  const look =
    layer === undefined || batch === undefined
      ? 'Log the norm of each layer and the names of the batches, so that layer and batch can be named.'
      : `Look at ${batch} and at ${layer}.`
  return {
    text: `Stop, go back to ${lastGood(figures)} and go on with half the learning rate${rate}, without the batches since then. ${clip} ${look}`,
  }
}
