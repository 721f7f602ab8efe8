/** Checks of GPU interconnects, which limit models split over several GPUs. */

import { type Capture, textOf } from '../../capture/capture.ts'
import { parseLinks, parsePeerAccess, peerWords } from '../../nvidia/gpu-links.ts'
import { parseGpuList } from '../../nvidia/gpu-list.ts'
import { valuesIn } from '../../nvidia/smi-details.ts'
import type { Check, Verdict } from '../check.ts'
import { detailsRead, gpuPresence, linesRead, skipped, smiTable, unknown } from './gpu-readings.ts'

/** Why there is nothing to say: fewer than two. */
function alone(capture: Capture): Verdict | undefined {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const { gpus, unreadable } = smiTable(capture)
  if (gpus.length === 0)
    return unknown('nvidia-smi listed no GPU', { text: 'Run nvidia-smi manually.', command: 'nvidia-smi' })
  if (gpusThere(capture) > 1) return undefined
  return unreadable.length === 0
    ? skipped('there is one GPU')
    : unknown('the number of GPUs cannot be read', {
        text: 'Run the command manually.',
        command: 'nvidia-smi -L',
      })
}

/** A table that was cut has fewer. */
const gpusThere = (capture: Capture): number =>
  Math.max(smiTable(capture).gpus.length, parseGpuList(textOf(capture, 'nvidia-smi-list') ?? '').length)

function peers(capture: Capture): Verdict {
  const nothing = alone(capture)
  if (nothing !== undefined) return nothing
  const count = gpusThere(capture)
  const access = parsePeerAccess(linesRead(capture, 'nvidia-smi-p2p')?.text ?? '')
  const command = 'nvidia-smi topo -p2p r'
  if (access.length < count * (count - 1))
    return unknown('peer-to-peer access between GPUs cannot be read', {
      text: 'Run the command manually.',
      command,
    })
  const apart = access.filter(({ status }) => status !== 'OK')
  if (apart.length === 0)
    return { severity: 'ok', says: `all ${count} GPUs have peer-to-peer access to each other` }
  const [{ from, to, status }] = apart as [(typeof apart)[0]]
  return {
    severity: 'note',
    says: `${apart.length} of ${access.length} GPU-to-GPU paths go through host memory, such as GPU ${from} to GPU ${to}: ${peerWords[status] ?? status}`,
    fix: {
      text: 'Models split over these GPUs are slower. Split over GPUs with peer-to-peer access, or use pipeline parallelism.',
      command: 'nvidia-smi topo -m',
    },
  }
}

function nvlink(capture: Capture): Verdict | readonly Verdict[] {
  const nothing = alone(capture)
  if (nothing !== undefined) return nothing
  const said = linesRead(capture, 'nvidia-smi-nvlink')
  const command = 'nvidia-smi nvlink --status'
  const gpus = gpusThere(capture)
  if (said === undefined || !said.isWhole)
    return unknown('NVLinks cannot be read', { text: 'Run the command manually.', command })
  const counts = parseLinks(said.text)
  if (counts.length === 0)
    return unknown('NVLinks cannot be read', { text: 'Run the command manually.', command })
  if (counts.length < gpus)
    return unknown(`NVLinks of only ${counts.length} of ${gpus} GPUs can be read`, {
      text: 'Run the command manually.',
      command,
    })
  if (counts.some(({ unclear }) => unclear > 0))
    return unknown('the NVLink status could not be parsed', { text: 'Run the command manually.', command })
  const totals = counts.map(({ active, inactive }) => active + inactive)
  const total = Math.max(...totals)
  // Cut between two lines, or cards of several kinds: which have fewer by themselves is not known.
  const cut = counts.at(-1)!
  if (totals.at(-1)! < total && cut.inactive === 0)
    return unknown(
      `the NVLinks of GPU ${cut.gpu} are incomplete: ${totals.at(-1)} of ${total} are reported`,
      {
        text: 'Run the command manually.',
        command,
      },
    )
  const most = Math.max(...counts.map(({ active }) => active))
  const areAllDown = /all links are inactive/i.test(said.text)
  if (total === 0 && !areAllDown) return skipped('no GPU has NVLinks')
  // Cards without a bridge look like this, too.
  if (most === 0)
    return {
      severity: 'note',
      says: total === 0 ? 'no NVLink is up' : `none of the ${total} NVLinks of each GPU is up`,
      fix: {
        text: 'PCIe cards need an NVLink bridge. On a board with NVSwitches, check the fabric manager.',
        command: 'nvidia-smi topo -m',
      },
    }
  const fewer = counts.filter(({ active }) => active < most)
  if (fewer.length > 0)
    return fewer.map(({ gpu, active }) => ({
      severity: 'warning',
      says: `GPU ${gpu} has ${active} NVLinks up, another GPU has ${most}`,
      fix: {
        text: 'Check the kernel log for Xid 74, and the bridge or the fabric manager. A GPU reset brings links up again.',
        command: 'sudo dmesg | grep -i -e "xid.*: 74" -e nvlink',
      },
    }))
  if (most < total)
    return {
      severity: 'note',
      says: `${most} of ${total} NVLinks of each GPU are up`,
      fix: {
        text: 'This can be normal for cards with bridges. On a board with NVSwitches, a link may be down.',
        command,
      },
    }
  return { severity: 'ok', says: `all ${most} NVLinks of each GPU are up` }
}

function fabric(capture: Capture): Verdict | readonly Verdict[] {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const { text, isWhole } = detailsRead(capture)
  const states = valuesIn(text, 'Fabric', 'State').filter(({ value }) => !/^n\/a$/i.test(value))
  const waiting = states.filter(({ value }) => !/^completed$/i.test(value))
  const failed = valuesIn(text, 'Fabric', 'Status').filter(({ value }) => !/^(?:success|n\/a)$/i.test(value))
  const [first] = [...waiting, ...failed]
  if (first === undefined && !isWhole)
    return unknown('the NVSwitch fabric state cannot be read', {
      text: 'Inspect it.',
      command: 'nvidia-smi -q | grep -A3 Fabric',
    })
  if (first === undefined && states.length === 0) return skipped('no GPU belongs to an NVSwitch fabric')
  if (first === undefined)
    return {
      severity: 'ok',
      says: `${states.length} ${states.length === 1 ? 'GPU is' : 'GPUs are'} part of the fabric`,
    }
  return {
    severity: 'error',
    says: `${first.gpu}: the NVSwitch fabric reports ${first.value.slice(0, 60)}: CUDA fails with error 802`,
    fix: {
      text: 'Start the fabric manager of the same version as the driver.',
      command: 'sudo systemctl restart nvidia-fabricmanager',
    },
  }
}

export const linkChecks: readonly Check[] = [
  {
    id: 'gpu-peer-access',
    group: 'gpu',
    title: 'GPU to GPU',
    reads: ['nvidia-smi-p2p', 'nvidia-smi-query', 'nvidia-smi-list'],
    verdict: peers,
    source: 'nvidia-smi topo --help',
  },
  {
    id: 'gpu-nvlink',
    group: 'gpu',
    title: 'NVLink',
    reads: ['nvidia-smi-nvlink', 'nvidia-smi-query', 'nvidia-smi-list'],
    verdict: nvlink,
    source: 'nvidia-smi nvlink --help',
  },
  {
    id: 'gpu-fabric',
    group: 'gpu',
    title: 'NVSwitch fabric',
    reads: ['nvidia-smi-details', 'nvidia-smi-query'],
    verdict: fabric,
    source: 'CUDA Runtime API, cudaErrorSystemNotReady (802); Fabric Manager User Guide',
  },
]
