/** The runs page: the list of training runs, one of them, or several laid over one another. */

import type { ReactNode } from 'react'
import { useRoute } from '../../shell/route.ts'
import { CompareRuns } from './compare/compare-runs.tsx'
import { OneRun } from './one-run.tsx'
import { RunList } from './run-list.tsx'
import './runs.css'

export default function RunsPage(): ReactNode {
  const { rest, query } = useRoute()
  const [id] = rest
  if (id === undefined) return <RunList />
  if (id === 'compare') return <CompareRuns ids={(query.get('runs') ?? '').split(',').filter(Boolean)} />
  return <OneRun key={id} id={id} />
}
