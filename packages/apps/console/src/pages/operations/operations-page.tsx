/** Operations: deployment, scaling, alerts and diagnostics, one tab each. */

import type { ReactNode } from 'react'
import { Page, Tabs } from '../../design/index.ts'
import { defineMessages, useMessages } from '../../messages/use-messages.ts'
import { go, useRoute } from '../../shell/route.ts'
import { AlertsView } from './alerts/alerts-view.tsx'
import { DeployView } from './deploy/deploy-view.tsx'
import { DoctorView } from './doctor/doctor-view.tsx'
import './operations.css'
import { ScalingView } from './scaling/scaling-view.tsx'

const words = defineMessages({
  en: {
    title: 'Operations',
    lead: 'Deployment manifests, scaling, alerts and health checks of this service.',
    parts: 'Operations sections',
    deploy: 'Deployment',
    scaling: 'Scaling',
    alerts: 'Alerts',
    doctor: 'Doctor',
  },
  zh: {
    title: '运维',
    lead: '本服务的部署清单、扩缩容、告警与健康检查。',
    parts: '运维的各部分',
    deploy: '部署',
    scaling: '扩缩容',
    alerts: '告警',
    doctor: '诊断',
  },
})

const parts = ['deploy', 'scaling', 'alerts', 'doctor'] as const
type Part = (typeof parts)[number]

const views: Readonly<Record<Part, () => ReactNode>> = {
  deploy: DeployView,
  scaling: ScalingView,
  alerts: AlertsView,
  doctor: DoctorView,
}

export default function OperationsPage(): ReactNode {
  const say = useMessages(words)
  const { rest } = useRoute()
  const part = parts.find((each) => each === rest[0]) ?? 'deploy'
  const View = views[part]
  return (
    <Page title={say.title} lead={say.lead}>
      <Tabs
        label={say.parts}
        value={part}
        tabs={parts.map((value) => ({ value, label: say[value] }))}
        onChange={(next) => go('operations', [next])}
      />
      <div role="tabpanel" aria-label={say[part]} className="ops-part">
        <View />
      </div>
    </Page>
  )
}
