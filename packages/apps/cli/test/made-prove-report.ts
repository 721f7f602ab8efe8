/** A prove report with one claim per outcome and custom texts. */

import type { ClaimResult, ProveReport } from '@hadal/prove'

const longText =
  'The median of five rounds in turns holds; how much is gained depends on how much of a step is overhead, which grows as models get smaller.'

const result = (id: string, text: string, given: Partial<ClaimResult>): ClaimResult => ({
  id,
  title: `The claim ${text} of ${id} with a title of some length`,
  claimed: `42 % more queries per second ${text} after tuning timeout and batch size`,
  page: 'batching.md',
  command: `hadal prove --only ${id} --quick --seed 1`,
  seconds: 12.3,
  loadAverage: 0.4,
  ...given,
})

export function madeProveReport(text = ''): ProveReport {
  const judgement = {
    measured: `+38 % ${text} (1.38 of 1.42)`,
    conditions: `nano, 16 clients ${text}, five rounds`,
    reason: `${longText} ${text}`,
    plots: [],
  }
  return {
    hadal: '0.1.0',
    commit: 'abc1234',
    startedAt: '2026-01-02T03:04:05.000Z',
    seconds: 61,
    mode: 'quick',
    seed: 1,
    machine: {
      cpu: `A processor ${text} with a long name`,
      threads: 2,
      memoryBytes: 8 * 2 ** 30,
      system: 'linux 6.1.0 x64',
      node: 'v20.19.0',
      libtorch: { version: '2.6.0', blas: 'OpenBLAS', cuda: false },
      gpus: [],
    },
    results: [
      result('one', text, {
        judgement: {
          ...judgement,
          verdict: 'reproduced',
          plots: [
            {
              kind: 'bars',
              title: `Speed ${text}`,
              unit: `1/s ${text}`,
              bars: [
                { name: `before ${text}`, value: 12 },
                { name: 'after', value: Number.NaN },
              ],
              mark: { name: `claimed ${text}`, value: 17 },
            },
            {
              kind: 'lines',
              title: `Loss ${text}`,
              x: `step ${text}`,
              y: `loss ${text}`,
              isLogY: true,
              series: [
                {
                  name: `fp16 ${text}`,
                  points: [
                    [0, 5],
                    [1, 0.1],
                    [2, Number.NaN],
                  ],
                },
                { name: `scaled ${text}`, points: [] },
              ],
              mark: { name: `lost ${text}`, value: 9 },
            },
          ],
        },
      }),
      result('two', text, { judgement: { ...judgement, verdict: 'not reproduced' } }),
      result('three', text, {
        judgement: { ...judgement, verdict: 'not here', measured: '', conditions: '' },
      }),
      result('four', text, {
        failure: { code: 'claim_crashed', message: `ended with SIGKILL ${text}`, help: `Look ${text}.` },
      }),
    ],
    notReached: ['five'],
  }
}
