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
    return unknown('nvidia-smi named no GPU', { text: 'Ask it by hand.', command: 'nvidia-smi' })
  if (gpusThere(capture) > 1) return undefined
  return unreadable.length === 0
    ? skipped('there is one GPU')
    : unknown('how many GPUs there are cannot be read', {
        text: 'Ask by hand.',
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
    return unknown('which GPUs read memory of which cannot be read', { text: 'Ask by hand.', command })
  const apart = access.filter(({ status }) => status !== 'OK')
  if (apart.length === 0)
    return { severity: 'ok', says: `each of ${count} GPUs reads the memory of the others` }
  const [{ from, to, status }] = apart as [(typeof apart)[0]]
  return {
    severity: 'note',
    says: `${apart.length} of ${access.length} ways between GPUs lead through the memory of the machine, as from GPU ${from} to GPU ${to}: ${peerWords[status] ?? status}`,
    fix: {
      text: 'A model that is split over these waits for it: split it over GPUs that reach each other, or let pipelines do it.',
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
    return unknown('NVLinks cannot be read', { text: 'Ask by hand.', command })
  const counts = parseLinks(said.text)
  if (counts.length === 0) return unknown('NVLinks cannot be read', { text: 'Ask by hand.', command })
  if (counts.length < gpus)
    return unknown(`NVLinks of only ${counts.length} of ${gpus} GPUs can be read`, {
      text: 'Ask by hand.',
      command,
    })
  if (counts.some(({ unclear }) => unclear > 0))
    return unknown('whether all NVLinks are up is not understood', { text: 'Ask by hand.', command })
  const totals = counts.map(({ active, inactive }) => active + inactive)
  const total = Math.max(...totals)
  // Cut between two lines, or cards of several kinds: which have fewer by themselves is not known.
  const cut = counts.at(-1)!
  if (totals.at(-1)! < total && cut.inactive === 0)
    return unknown(
      `how many NVLinks GPU ${cut.gpu} has is not certain: ${totals.at(-1)} of ${total} are told`,
      {
        text: 'Ask by hand.',
        command,
      },
    )
  const most = Math.max(...counts.map(({ active }) => active))
  const areAllDown = /all links are inactive/i.test(said.text)
  if (total === 0 && !areAllDown) return skipped('there are no NVLinks')
  // Cards without a bridge look like this, too.
  if (most === 0)
    return {
      severity: 'note',
      says: total === 0 ? 'no NVLink is up' : `none of the ${total} NVLinks of each GPU is up`,
      fix: {
        text: 'Cards need a bridge for them; on a board with NVSwitches see the fabric manager.',
        command: 'nvidia-smi topo -m',
      },
    }
  const fewer = counts.filter(({ active }) => active < most)
  if (fewer.length > 0)
    return fewer.map(({ gpu, active }) => ({
      severity: 'warning',
      says: `GPU ${gpu}: ${active} NVLinks are up, and ${most} of another GPU`,
      fix: {
        text: 'See Xid 74 in the log of the kernel and the bridge or the fabric manager; a reset brings links up again.',
        command: 'sudo dmesg | grep -i -e "xid.*: 74" -e nvlink',
      },
    }))
  if (most < total)
    return {
      severity: 'note',
      says: `${most} of ${total} NVLinks of each GPU are up`,
      fix: {
        text: 'On cards with bridges this may be all there are; on a board with NVSwitches one may be down.',
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
    return unknown('the state of the fabric cannot be read', {
      text: 'See it.',
      command: 'nvidia-smi -q | grep -A3 Fabric',
    })
  if (first === undefined && states.length === 0) return skipped('no GPU belongs to a fabric of NVSwitches')
  if (first === undefined)
    return {
      severity: 'ok',
      says: `${states.length} ${states.length === 1 ? 'GPU is' : 'GPUs are'} part of the fabric`,
    }
  return {
    severity: 'error',
    says: `${first.gpu}: the fabric of NVSwitches says ${first.value.slice(0, 60)}: CUDA ends with error 802`,
    fix: {
      text: 'Start the fabric manager, in the same version as the driver.',
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
    title: 'Fabric of NVSwitches',
    reads: ['nvidia-smi-details', 'nvidia-smi-query'],
    verdict: fabric,
    source: 'CUDA Runtime API, cudaErrorSystemNotReady (802); Fabric Manager User Guide',
  },
]
