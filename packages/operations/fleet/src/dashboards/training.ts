/** The training dashboard: learning progress, throughput, and memory. */

import { trainingMetrics as metrics } from '@hadal/protocol'
import type { BoardSpec, PanelSpec, RowSpec } from './board-spec.ts'
import { quantiles, selector, sumBy } from './queries.ts'
import type { Scope } from './scope.ts'

const ofRun = 'run=~"$run"'
const of = (metric: string): string => selector(metric, ofRun)

export function trainingBoard(scope: Scope): BoardSpec {
  return {
    name: 'training',
    title: `${scope.title}: training`,
    description: 'Training runs: loss, speed and memory.',
    variables: [{ name: 'run', label: 'Run', series: metrics.step.name, valueLabel: 'run' }],
    rows: [progress(), learning(), speed()],
  }
}

const lines = (
  title: string,
  description: string,
  unit: string,
  queries: Readonly<Record<string, string>>,
  more: Partial<PanelSpec> = {},
): PanelSpec => ({
  title,
  description,
  form: 'lines',
  unit,
  queries: Object.entries(queries).map(([legend, expr]) => ({ legend, expr })),
  ...more,
})

function progress(): RowSpec {
  const number = (title: string, description: string, unit: string, expr: string): PanelSpec => ({
    title,
    description,
    form: 'number',
    unit,
    span: 6,
    queries: [{ expr, legend: '{{run}}' }],
  })
  const done = `${of(metrics.step.name)} / ${of(metrics.totalSteps.name)}`
  const perSecond = `rate(${of(metrics.steps.name)}[10m])`
  return {
    title: 'Progress',
    panels: [
      number('Done', 'Completed share of all steps.', 'percentunit', done),
      number(
        'Time left',
        'Estimated from the steps of the last ten minutes.',
        's',
        `(${of(metrics.totalSteps.name)} - ${of(metrics.step.name)}) / (${perSecond} > 0)`,
      ),
      number(
        'Last checkpoint',
        'Work lost if the run is killed now.',
        's',
        `time() - ${of(metrics.checkpointTime.name)}`,
      ),
      number(
        'Restarts',
        'Number of times the run resumed from a checkpoint.',
        'short',
        of(metrics.restarts.name),
      ),
    ],
  }
}

function learning(): RowSpec {
  return {
    title: 'Learning',
    panels: [
      lines('Loss', 'Per step, and of evaluations.', 'short', {
        'training {{run}}': of(metrics.loss.name),
        'evaluation {{run}}': of(metrics.evaluationLoss.name),
      }),
      lines(
        'Gradient norm',
        'Before clipping. If above 100 for long: lower the learning rate and resume from the last good step.',
        'short',
        { '{{run}}': of(metrics.gradientNorm.name) },
        { min: 0, limit: { at: 100, bad: 'above' } },
      ),
      lines('Learning rate', 'As scheduled.', 'sci', { '{{run}}': of(metrics.learningRate.name) }),
      lines('Other metrics', 'Evaluation metrics, by name.', 'short', {
        '{{measure}} {{run}}': of(metrics.evaluationMeasure.name),
      }),
      lines('Discarded steps', 'Skipped because of non-finite gradients, and rolled back.', 'short', {
        'skipped {{run}}': of(metrics.skippedSteps.name),
        'rolled back {{run}}': of(metrics.undoneSteps.name),
      }),
      lines('Loss scale', 'For fp16. Drops at every overflow.', 'short', {
        '{{run}}': of(metrics.lossScale.name),
      }),
      lines(
        'Privacy spent',
        'Epsilon spent so far, and the budget. The run ends before the budget is exceeded.',
        'short',
        {
          'spent {{run}}': of(metrics.epsilonSpent.name),
          'budget {{run}}': of(metrics.epsilonBudget.name),
        },
      ),
    ],
  }
}

function speed(): RowSpec {
  return {
    title: 'Speed and memory',
    panels: [
      lines('Read per second', 'Tokens, or whichever unit the run reads.', 'short', {
        '{{unit}} {{run}}': sumBy('run, unit', of(metrics.tokensPerSecond.name)),
      }),
      {
        title: 'Step time',
        description: 'Without evaluations and checkpoints.',
        form: 'lines',
        unit: 's',
        min: 0,
        queries: quantiles(of(`${metrics.stepTime.name}_bucket`), 'run', [0.5, 0.99]),
      },
      lines('Model FLOPs utilisation', 'Share of the peak FLOPs of the device.', 'percentunit', {
        '{{run}}': of(metrics.modelFlopsUtilization.name),
      }),
      lines('Memory', 'Memory of the process, and the peak of tensors within a step.', 'bytes', {
        'process {{run}}': of(metrics.residentMemory.name),
        'tensors, peak {{run}}': of(metrics.peakMemory.name),
      }),
    ],
  }
}
