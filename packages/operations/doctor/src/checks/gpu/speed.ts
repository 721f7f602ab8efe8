/** Checks of GPU throttling: heat, power, clocks, PCIe lanes, driver persistence. */

import type { Capture } from '../../capture/capture.ts'
import { numberOf, yesOf } from '../../nvidia/smi-table.ts'
import { throttlingOf } from '../../nvidia/throttle-reasons.ts'
import type { Check, Verdict } from '../check.ts'
import { eachGpu, notUnderstood, selecting, textIn, withoutValue } from './gpu-readings.ts'

const active = 'clocks_event_reasons.active'
const hardwareSlowdown = 0x8n

const throttling = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    const silent = withoutValue(capture, gpu, active, 'the clock throttle reasons')
    if (silent !== undefined) return silent
    const found = throttlingOf(textIn(gpu, active)!)
    if (found === undefined || found.unknownBits !== 0n)
      return notUnderstood(gpu, active, 'the clock throttle reasons')
    const all = found.reasons.filter(({ weight }) => weight === 'slow')
    // The first only reports hardware throttling; others give the reason.
    const slow = all.length > 1 ? all.filter(({ bit }) => bit !== hardwareSlowdown) : all
    if (slow.length > 0)
      return {
        severity: 'warning',
        says: `its clocks are throttled: ${slow.map(({ says }) => says).join(', ')}`,
        fix: {
          text: 'Check cooling and power supply: fans, dust, inlet air, cables.',
          command: `nvidia-smi -q -d PERFORMANCE,TEMPERATURE,POWER${selecting(gpu)}`,
        },
      }
    const limits = found.reasons.filter(({ weight }) => weight === 'limit')
    if (limits.length > 0)
      return {
        severity: 'note',
        says: `its clocks are limited: ${limits.map(({ says }) => says).join(', ')}`,
        fix: {
          text: 'This is normal under full load. Otherwise, check the power and clock settings.',
          command: `nvidia-smi -q -d POWER,CLOCK${selecting(gpu)}`,
        },
      }
    return { severity: 'ok', says: 'the clocks are not throttled' }
  })

/** Degrees Celsius. A GPU's reported distance to its own limit takes precedence. */
const hot = 90
const hotMemory = 95
const littleHeadroom = 5

const temperature = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    const silent = withoutValue(capture, gpu, 'temperature.gpu', 'its temperature')
    if (silent !== undefined) return silent
    const degrees = numberOf(gpu.cells.get('temperature.gpu'))
    if (degrees === undefined || degrees < 0 || degrees > 150)
      return notUnderstood(gpu, 'temperature.gpu', 'its temperature')
    if (gpu.cells.get('temperature.memory')?.state === 'unreadable')
      return notUnderstood(gpu, 'temperature.memory', 'its memory temperature')
    const memory = plausible(numberOf(gpu.cells.get('temperature.memory')))
    const headroom = numberOf(gpu.cells.get('temperature.gpu.tlimit'))
    const isHot = headroom === undefined ? degrees >= hot : headroom <= littleHeadroom
    if (isHot || (memory !== undefined && memory >= hotMemory))
      return {
        severity: headroom !== undefined && headroom <= 0 ? 'error' : 'warning',
        says: `${degrees} °C${memory === undefined ? '' : `, its memory ${memory} °C`}${headroom === undefined ? '' : `, ${headroom} °C below the throttling limit`}`,
        fix: {
          text: 'Check cooling: fans, dust, inlet air, adjacent cards.',
          command: `nvidia-smi -q -d TEMPERATURE${selecting(gpu)}`,
        },
      }
    return {
      severity: 'ok',
      says: `temperature is normal (below ${headroom === undefined ? `${hot} °C` : "the card's limit"})`,
    }
  })

/** Memory temperature reads 0 without a sensor. */
const plausible = (degrees: number | undefined): number | undefined =>
  degrees !== undefined && degrees > 0 && degrees < 150 ? degrees : undefined

const powerLimit = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    const silent =
      withoutValue(capture, gpu, 'power.limit', 'its power limit') ??
      withoutValue(capture, gpu, 'power.default_limit', 'its power limit')
    if (silent !== undefined) return silent
    const limit = numberOf(gpu.cells.get('power.limit'))
    const usual = numberOf(gpu.cells.get('power.default_limit'))
    if (limit === undefined || limit <= 0) return notUnderstood(gpu, 'power.limit', 'its power limit')
    if (usual === undefined || usual <= 0) return notUnderstood(gpu, 'power.default_limit', 'its power limit')
    if (limit < usual * 0.98)
      return {
        severity: 'note',
        says: `its power is limited to ${Math.round(limit)} W of ${Math.round(usual)} W`,
        fix: {
          text: 'Raise the limit if power and cooling allow.',
          command: `sudo nvidia-smi -pl ${Math.round(usual)}${selecting(gpu)}`,
        },
      }
    return { severity: 'ok', says: `the default power limit (${Math.round(usual)} W)` }
  })

const lanes = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    const silent =
      withoutValue(capture, gpu, 'pcie.link.width.current', 'its PCI Express lanes') ??
      withoutValue(capture, gpu, 'pcie.link.width.max', 'its PCI Express lanes')
    if (silent !== undefined) return silent
    const width = numberOf(gpu.cells.get('pcie.link.width.current'))
    const most = numberOf(gpu.cells.get('pcie.link.width.max'))
    if (width === undefined || width <= 0)
      return notUnderstood(gpu, 'pcie.link.width.current', 'its PCI Express lanes')
    if (most === undefined || most <= 0)
      return notUnderstood(gpu, 'pcie.link.width.max', 'its PCI Express lanes')
    if (width < most)
      return {
        // Some cards give lanes up while they are idle.
        severity: textIn(gpu, 'utilization.gpu')?.startsWith('0') === false ? 'warning' : 'note',
        says: `${width} of ${most} PCI Express lanes: models load slower`,
        fix: {
          text: 'Check again under load. If it persists, check the slot, the riser and the contacts.',
          command: `nvidia-smi -q -d PERFORMANCE${selecting(gpu)}`,
        },
      }
    return { severity: 'ok', says: `all ${most} PCI Express lanes` }
  })

const persistence = (capture: Capture): Verdict | readonly Verdict[] =>
  eachGpu(capture, (gpu) => {
    const silent = withoutValue(capture, gpu, 'persistence_mode', 'its persistence mode')
    if (silent !== undefined) return silent
    const isOn = yesOf(gpu.cells.get('persistence_mode'))
    if (isOn === undefined) return notUnderstood(gpu, 'persistence_mode', 'its persistence mode')
    return isOn
      ? { severity: 'ok', says: 'the driver stays loaded' }
      : {
          severity: 'note',
          says: 'the driver unloads when no process uses it: each start takes a second or more, and error counts are lost',
          fix: {
            text: 'Enable the persistence daemon.',
            command: 'sudo systemctl enable --now nvidia-persistenced',
          },
        }
  })

const reads = ['nvidia-smi-query', 'nvidia-smi-fields']

export const speedChecks: readonly Check[] = [
  {
    id: 'gpu-throttling',
    group: 'gpu',
    title: 'Clocks',
    reads,
    verdict: throttling,
    source: 'nvml.h, nvmlClocksEventReasons',
  },
  {
    id: 'gpu-temperature',
    group: 'gpu',
    title: 'Temperature',
    reads,
    verdict: temperature,
    source: 'nvidia-smi(1), Temperature',
  },
  {
    id: 'gpu-power-limit',
    group: 'gpu',
    title: 'Power',
    reads,
    verdict: powerLimit,
    source: 'nvidia-smi(1), Power Readings',
  },
  {
    id: 'gpu-pcie',
    group: 'gpu',
    title: 'PCI Express',
    reads,
    verdict: lanes,
    source: 'nvidia-smi(1), PCIe Link',
  },
  {
    id: 'gpu-persistence',
    group: 'gpu',
    title: 'Persistence',
    reads,
    verdict: persistence,
    source: 'NVIDIA Driver Persistence',
  },
]
