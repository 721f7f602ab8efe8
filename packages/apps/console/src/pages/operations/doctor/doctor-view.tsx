/** Diagnostics of machine, service, server and cluster, and root causes in logs. */

import type { ReactNode } from 'react'
import { Segmented } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import { ChecksView } from './checks-view.tsx'
import { doctorWords } from './doctor-words.ts'
import { ExplainView } from './explain-view.tsx'

const parts = ['checks', 'explain'] as const

export function DoctorView(): ReactNode {
  const say = useMessages(doctorWords)
  const { rest } = useRoute()
  const part = parts.find((each) => each === rest[1]) ?? 'checks'
  return (
    <div className="ops-stack">
      <div className="row">
        <Segmented
          label={say.parts}
          value={part}
          options={parts.map((value) => ({ value, label: say[value] }))}
          onChange={(next) => go('operations', ['doctor', next])}
        />
      </div>
      {part === 'checks' ? <ChecksView /> : <ExplainView />}
    </div>
  )
}
