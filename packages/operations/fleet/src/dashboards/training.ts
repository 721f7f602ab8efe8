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
    description: 'Training runs: whether they learn, how fast, and what they hold.',
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
      number('Done', 'Steps of all steps.', 'percentunit', done),
      number(
        'Time left',
        'By the steps of the last ten minutes.',
        's',
        `(${of(metrics.totalSteps.name)} - ${of(metrics.step.name)}) / (${perSecond} > 0)`,
      ),
      number(
        'Last checkpoint',
        'What is lost if the run is killed now.',
        's',
        `time() - ${of(metrics.checkpointTime.name)}`,
      ),
      number('Restarts', 'Times the run went on from a checkpoint.', 'short', of(metrics.restarts.name)),
    ],
  }
}

function learning(): RowSpec {
  return {
    title: 'Learning',
    panels: [
      lines('Loss', 'Of each step, and of evaluations.', 'short', {
        'training {{run}}': of(metrics.loss.name),
        'evaluation {{run}}': of(metrics.evaluationLoss.name),
      }),
      lines(
        'Gradient norm',
        'Before clipping. Above 100 for long: lower the rate, go back to the last good step.',
        'short',
        { '{{run}}': of(metrics.gradientNorm.name) },
        { min: 0, limit: { at: 100, bad: 'above' } },
      ),
      lines('Learning rate', 'As the schedule has it.', 'sci', { '{{run}}': of(metrics.learningRate.name) }),
      lines('Other measures', 'Of evaluations, by name.', 'short', {
        '{{measure}} {{run}}': of(metrics.evaluationMeasure.name),
      }),
      lines(
        'Steps that did not count',
        'Skipped for gradients that were not finite, and rolled back.',
        'short',
        {
          'skipped {{run}}': of(metrics.skippedSteps.name),
          'rolled back {{run}}': of(metrics.undoneSteps.name),
        },
      ),
      lines('Loss scale', 'Of fp16. Falls with every overflow.', 'short', {
        '{{run}}': of(metrics.lossScale.name),
      }),
      lines(
        'Privacy spent',
        'Epsilon of what was trained so far, and the budget. The run ends before it is passed.',
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
      lines('Read a second', 'Tokens, or whatever the run reads.', 'short', {
        '{{unit}} {{run}}': sumBy('run, unit', of(metrics.tokensPerSecond.name)),
      }),
      {
        title: 'Time of a step',
        description: 'Evaluations and checkpoints not among them.',
        form: 'lines',
        unit: 's',
        min: 0,
        queries: quantiles(of(`${metrics.stepTime.name}_bucket`), 'run', [0.5, 0.99]),
      },
      lines('Model FLOPs utilisation', 'Of what the device could compute.', 'percentunit', {
        '{{run}}': of(metrics.modelFlopsUtilization.name),
      }),
      lines('Memory', 'Of the process, and the most that tensors held in a step.', 'bytes', {
        'process {{run}}': of(metrics.residentMemory.name),
        'tensors, peak {{run}}': of(metrics.peakMemory.name),
      }),
    ],
  }
}
