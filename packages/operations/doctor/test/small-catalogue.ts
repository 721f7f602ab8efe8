/** A few causes for tests of the engine: the real catalogue has separate tests. */

import type { Cause } from '../src/explain/cause.ts'

const entry = (id: string, shows: Cause['shows'], more: Partial<Cause> = {}): Cause => ({
  id,
  family: 'cuda',
  title: id.replaceAll('_', ' '),
  severity: 'error',
  shows,
  says: (figures) => `${id} ${JSON.stringify(figures)}`,
  fix: () => ({ text: `mend ${id}` }),
  source: { title: 'a manual' },
  ...more,
})

export const smallCatalogue: readonly Cause[] = [
  entry('xid', [/NVRM: Xid \((?:PCI:)?(?<gpu>[^)]{1,40})\): (?<xid>\d{1,3})/], {
    severity: 'critical',
    explains: ['cuda_failed'],
  }),
  entry('cuda_failed', [/CUDA error: (?<error>[^\n.]{1,80})/], { explains: ['nccl'] }),
  entry('oom', [/CUDA out of memory\b/], { explains: ['restarts'] }),
  entry('oom_sized', [/CUDA out of memory\. Tried to allocate (?<wanted>[\d.]{1,10} [KMG]iB)/], {
    weight: 1,
    explains: ['restarts'],
  }),
  entry('nccl', [/NCCL (?:timeout|error)/], { explains: ['restarts'] }),
  entry('unschedulable', [/FailedScheduling\b.{0,200}Insufficient nvidia\.com\/gpu/], {
    family: 'kubernetes',
    severity: 'warning',
  }),
  entry('oom_killed', [/\bOOMKilled\b/], { family: 'memory', explains: ['restarts'] }),
  entry('restarts', [/\bCrashLoopBackOff\b/], { family: 'kubernetes', weight: -1 }),
  entry('ended', [/exit code \d+/], { weight: -2, severity: 'note' }),
  entry(
    'norms_rise',
    (lines) => {
      const high = lines.flatMap(({ text }, index) =>
        Number(/grad_norm=(\d+)/.exec(text)?.[1]) > 100 ? [index] : [],
      )
      return high.length < 3
        ? []
        : [{ from: high[0]!, to: high.at(-1)!, figures: { times: String(high.length) } }]
    },
    { family: 'training', severity: 'warning' },
  ),
]
