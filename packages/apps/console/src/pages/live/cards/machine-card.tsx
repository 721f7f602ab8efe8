/** Resource use of the server's processes, and GPUs. */

import type { LiveGpu, LiveMachine } from '@hadal/protocol'
import type { ReactNode } from 'react'
import {
  Card,
  Facts,
  formatBytes,
  formatCount,
  formatMillis,
  formatPercent,
  Meter,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { liveWords } from '../words.ts'

export function MachineCard({ machine }: { readonly machine: LiveMachine }): ReactNode {
  const say = useMessages(liveWords)
  const { server, engines, host, gpus } = machine
  const used = host.memoryBytes - host.freeBytes
  const cores = (of: number | undefined): string =>
    of === undefined ? '–' : say.cores(formatCount(Math.round(of * 100) / 100))
  return (
    <Card title={say.machine}>
      {engines.map(({ pid, model, replica, cores: busy, residentBytes }) => (
        <Meter
          key={pid}
          label={say.engineProcess(replica === undefined ? model : `${model} #${replica}`)}
          value={busy ?? 0}
          max={host.cores}
          text={`${cores(busy)} · ${formatBytes(residentBytes)}`}
        />
      ))}
      <Meter
        label={say.serverProcess}
        value={server.cores ?? 0}
        max={host.cores}
        text={`${cores(server.cores)} · ${formatBytes(server.residentBytes)}`}
      />
      <Meter
        label={say.memory}
        value={used}
        max={host.memoryBytes}
        text={say.of(formatBytes(used), formatBytes(host.memoryBytes))}
      />
      {gpus.map((gpu) => (
        <Gpu key={gpu.index} gpu={gpu} />
      ))}
      <Facts
        facts={[
          { label: say.heap, value: formatBytes(server.heapBytes) },
          {
            label: say.loopDelay,
            value: say.p99AndMost(
              formatMillis(server.loopDelayP99Millis),
              formatMillis(server.loopDelayMaxMillis),
            ),
          },
          { label: say.load, value: say.loadOf(host.load1.toFixed(2), host.cores) },
          ...(gpus.length === 0 ? [{ label: say.gpus, value: say.noGpus }] : []),
        ]}
      />
    </Card>
  )
}

function Gpu({ gpu }: { readonly gpu: LiveGpu }): ReactNode {
  const say = useMessages(liveWords)
  const { index, name, utilization, memoryUsedBytes, memoryTotalBytes, celsius, watts } = gpu
  const more = [
    ...(celsius === undefined ? [] : [`${celsius} °C`]),
    ...(watts === undefined ? [] : [`${Math.round(watts)} W`]),
  ]
  return (
    <>
      <Meter
        label={say.gpu(index, name)}
        value={utilization ?? 0}
        max={1}
        text={[formatPercent(utilization), ...more].join(' · ')}
      />
      {memoryTotalBytes !== undefined && (
        <Meter
          label={say.gpuMemory(index)}
          value={memoryUsedBytes ?? 0}
          max={memoryTotalBytes}
          text={say.of(formatBytes(memoryUsedBytes), formatBytes(memoryTotalBytes))}
        />
      )}
    </>
  )
}
