/** A cause for each Xid: the line of the kernel log, and the device plugin's word for it. Makes entries of a table. */

import { advice, withFigure } from '../advice.ts'
import type { Cause, Figures } from '../cause.ts'
import { fabricManager, xidCatalog } from '../sources.ts'
import { xidActions } from './xid-actions.ts'
import { type XidRow, xidCodes } from './xid-codes.ts'

/** What every fault of a GPU brings about in programs that use it. */
const lostPrograms: readonly string[] = [
  'xid_43',
  'xid_45',
  'xid_154',
  'cuda_illegal_address',
  'cuda_launch_failed',
  'cuda_launch_timeout',
  'cuda_illegal_instruction',
  'cuda_hardware_stack_error',
  'cuda_invalid_pc',
  'cuda_ecc_uncorrectable',
  'cuda_contained',
  'cuda_nvlink_uncorrectable',
  'cuda_unknown',
  'cuda_not_initialized',
  'cuda_device_unavailable',
  'cuda_no_device',
  'cuda_context_is_destroyed',
  'torch_cuda_unavailable',
  'cublas_failed',
  'cudnn_failed',
  'nccl_unhandled_cuda_error',
  'nccl_watchdog_timeout',
  'nccl_peer_gone',
  'nccl_network_completion',
  'driver_gpu_lost',
  'driver_gpu_locked',
  'k8s_device_unhealthy',
  'torch_child_failed',
  'vllm_engine_died',
]

/** The GPU itself failed: also other Xids of it are its doing. */
const lostGpu: readonly string[] = [
  'xid_13',
  'xid_31',
  'xid_32',
  'xid_69',
  'xid_8',
  'xid_109',
  ...lostPrograms,
]

const explains: Readonly<Record<number, readonly string[]>> = {
  13: ['xid_43', 'xid_45'],
  31: ['xid_43', 'xid_45'],
  48: ['xid_63', 'xid_64', 'xid_94', 'xid_95', 'xid_140', 'xid_171', 'xid_172', ...lostGpu],
  62: ['xid_119', 'xid_120', ...lostGpu],
  63: ['cuda_ecc_uncorrectable'],
  64: lostGpu,
  74: ['xid_137', ...lostGpu],
  79: ['xid_119', 'xid_120', 'xid_62', 'xid_74', 'xid_110', 'driver_rm_init', ...lostGpu],
  94: ['xid_63', ...lostPrograms],
  95: ['xid_63', 'xid_64', ...lostGpu],
  109: ['xid_43', 'xid_45', 'xid_154', ...lostPrograms],
  110: lostGpu,
  119: ['xid_120', 'driver_smi_hangs', ...lostGpu],
  120: ['driver_smi_hangs', ...lostGpu],
  136: ['xid_74', 'xid_137', ...lostPrograms],
  140: ['xid_63', 'xid_64', ...lostGpu],
  143: ['driver_rm_init', ...lostPrograms],
  167: ['xid_79', ...lostGpu],
  171: ['xid_63', 'xid_64', ...lostGpu],
  172: ['xid_63', 'xid_64', ...lostGpu],
}

const nvlinkXids = [144, 145, 146, 147, 148, 149, 150, 155]

export const xidCauses: readonly Cause[] = [...xidCodes.map(causeOf), otherXid(), ...switchXids()]

function causeOf([xid, mnemonic, name, action]: XidRow): Cause {
  const { severity, means, fix, command, weight } = xidActions[action]
  const brings = nvlinkXids.includes(xid) ? ['xid_74', 'xid_137', ...lostPrograms] : explains[xid]
  return {
    id: `xid_${xid}`,
    family: 'xid',
    title: `Xid ${xid}: ${name}`,
    severity,
    shows: patternsFor(String(xid)),
    ...(brings && { explains: brings }),
    ...(weight !== undefined && { weight }),
    says: (figures) => `${subject(figures)} reported Xid ${xid}${whose(figures)}: ${name}. ${means}`,
    fix: ({ gpu }) => ({
      text: fix,
      command: command.replace('GPU', gpu === undefined ? 'GPU' : busId(gpu)),
    }),
    source: { ...xidCatalog, title: `${xidCatalog.title}, ${mnemonic}` },
  }
}

/**
 * `NVRM: Xid (PCI:0000:9b:00): 119, pid=2024380, name=python3, ...`, also in the form of older drivers, without `PCI:` and pid; and
 * what the device plugin of Kubernetes makes of it.
 */
function patternsFor(xid: string): RegExp[] {
  return [
    new RegExp(
      `NVRM: Xid \\((?:PCI:)?(?<gpu>[0-9a-fA-F]{4,8}:[0-9a-fA-F:.]{2,12})(?: GPU-I:(?<instance>\\d{1,3}))?(?: GPU-CI:\\d{1,3})?\\): (?<xid>${xid})(?!\\d)(?:, pid='?(?<pid>\\d{1,10}|<unknown>))?(?:'?, name=(?<process>[^,]{1,64}))?`,
    ),
    new RegExp(`XidCriticalError: Xid=(?<xid>${xid}) on Device=(?<device>[\\w-]{1,60})`),
    new RegExp(`\\b(?:critical )?xid error[^:]{0,40}: Xid=(?<xid>${xid})(?!\\d)`, 'i'),
  ]
}

const subject = ({ gpu, device, instance }: Figures): string =>
  gpu !== undefined
    ? `The GPU at ${gpu}${withFigure(instance, (number) => ` (MIG instance ${number})`)}`
    : device !== undefined
      ? `The GPU ${device}`
      : 'A GPU'

/** As nvidia-smi takes it: with the function. */
const busId = (gpu: string): string => (gpu.includes('.') ? gpu : `${gpu}.0`)

const whose = ({ pid, process }: Figures): string => {
  if (pid === undefined || pid.includes('unknown')) return ''
  return ` while process ${pid}${withFigure(process, (name) => ` (${name})`)} used it`
}

function otherXid(): Cause {
  return {
    id: 'xid_unlisted',
    family: 'xid',
    title: 'Xid that the catalogue does not list',
    severity: 'error',
    shows: patternsFor('17[3-9]|1[89]\\d|[2-9]\\d\\d|\\d{4,6}'),
    says: (figures) =>
      `${subject(figures)} reported Xid ${figures.xid ?? ''}${whose(figures)}, which is newer than this catalogue.`,
    fix: advice(
      "Look it up in NVIDIA's catalogue, and collect a report for support.",
      'sudo nvidia-bug-report.sh',
    ),
    source: xidCatalog,
  }
}

/** Of an NVSwitch, in the kernel log or in that of the fabric manager. */
function switchXids(): readonly Cause[] {
  const says = ({ switch: number, xid, detail }: Figures): string =>
    `NVSwitch${withFigure(number, (name) => ` ${name}`)} reported SXid ${xid ?? ''}${withFigure(detail, (text) => `: ${text}`)}. GPUs reach each other through it.`
  return [
    {
      id: 'sxid_fatal',
      family: 'xid',
      title: 'Fatal error of an NVSwitch',
      severity: 'critical',
      shows: switchPatterns('Fatal', 'fatal'),
      explains: [
        'sxid_non_fatal',
        'xid_74',
        'nccl_watchdog_timeout',
        'nccl_unhandled_cuda_error',
        'cuda_nvlink_uncorrectable',
        'cuda_system_not_ready',
      ],
      weight: 5,
      says,
      fix: advice(
        'Look the SXid up in the guide of the fabric manager; stop programs and reset all GPUs and switches, or reboot.',
        'systemctl restart nvidia-fabricmanager; nvidia-smi -q | grep -A4 Fabric',
      ),
      source: fabricManager,
    },
    {
      id: 'sxid_non_fatal',
      family: 'xid',
      title: 'Error of an NVSwitch that it survived',
      severity: 'warning',
      shows: switchPatterns('Non-fatal', 'non-fatal'),
      says,
      fix: advice(
        'Look the SXid up in the guide of the fabric manager; most ask for nothing, unless an Xid of a GPU stands beside it.',
        'sudo dmesg -T | grep -iE "sxid|xid"',
      ),
      source: fabricManager,
    },
  ]
}

function switchPatterns(inKernelLog: string, inManagerLog: string): RegExp[] {
  return [
    new RegExp(
      `nvidia-nvswitch(?<switch>\\d{1,2}): SXid \\(PCI:[0-9a-fA-F:.]{7,16}\\): (?<xid>\\d{5}), ${inKernelLog}, (?<detail>.{1,120})`,
    ),
    new RegExp(`detected NVSwitch ${inManagerLog} error (?<xid>\\d{5}) on (?<detail>.{1,120})`),
  ]
}
