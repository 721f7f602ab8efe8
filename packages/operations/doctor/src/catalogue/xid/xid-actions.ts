/** The kinds of action that Xids call for. */

import type { CauseSeverity } from '../cause.ts'

export interface XidActionText {
  readonly severity: CauseSeverity
  readonly means: string
  readonly fix: string
  readonly command: string
  readonly weight?: number
}

const reset = 'sudo nvidia-smi --gpu-reset -i GPU'
const bundle = 'sudo nvidia-bug-report.sh'

export type XidAction =
  | 'fault'
  | 'application'
  | 'restart'
  | 'contained'
  | 'reset'
  | 'gsp'
  | 'remapped'
  | 'remapFailed'
  | 'ecc'
  | 'singleBit'
  | 'bus'
  | 'reboot'
  | 'nvlink'
  | 'nvlinkPeer'
  | 'follow'
  | 'power'
  | 'update'
  | 'ignore'
  | 'support'

export const xidActions: Readonly<Record<XidAction, XidActionText>> = {
  fault: {
    severity: 'error',
    means:
      'A program made the GPU access memory or run an instruction that it must not: nearly always a fault of the program.',
    fix: 'Restart the program. If several different programs see it on this GPU only, run the diagnosis of dcgmi.',
    command: 'CUDA_LAUNCH_BLOCKING=1 compute-sanitizer PROGRAM',
  },
  application: {
    severity: 'error',
    means:
      'A program ended in an error of its own or sent the GPU something that it cannot run. The GPU is well.',
    fix: 'Restart the program, and look in its own log for the first CUDA error.',
    command: 'sudo dmesg -T | grep -i xid',
  },
  restart: {
    severity: 'error',
    means: 'An engine of the GPU stopped with an error, and the program that used it is lost.',
    fix: 'Restart the program; if it comes again, collect a report for support.',
    command: bundle,
  },
  contained: {
    severity: 'error',
    means:
      'The GPU memory had an error that could not be corrected. It was contained: only the program that touched it is lost.',
    fix: 'Restart the program. A reset at the next occasion remaps the row; see whether one is pending.',
    command: 'nvidia-smi --query-gpu=index,remapped_rows.pending,remapped_rows.failure --format=csv',
    weight: 5,
  },
  reset: {
    severity: 'critical',
    means: 'The GPU is in a state that only a reset ends.',
    fix: 'Move work away from it, end the programs that use it, and reset it; reboot if the reset fails.',
    command: reset,
    weight: 5,
  },
  gsp: {
    severity: 'critical',
    means: "The GPU's system processor does not answer the driver any more: programs on it hang.",
    fix: 'Reset the GPU, or reboot if that hangs. If it comes again, update the driver, or switch the GSP firmware off where the GPU allows it (NVreg_EnableGpuFirmware=0).',
    command: reset,
    weight: 5,
  },
  remapped: {
    severity: 'warning',
    means: 'The driver has recorded a bad row of memory, which is replaced by a spare one at the next reset.',
    fix: 'Nothing at once; reset the GPU when it is free, and watch how many spare rows are left.',
    command: 'nvidia-smi -q -d ROW_REMAPPER',
  },
  remapFailed: {
    severity: 'critical',
    means:
      'A bad row of memory could not be replaced: spare rows are used up, or the record could not be written.',
    fix: 'Reset the GPU. If nvidia-smi then reports a remapping failure, have the GPU replaced.',
    command: 'nvidia-smi --query-gpu=index,remapped_rows.pending,remapped_rows.failure --format=csv',
    weight: 5,
  },
  ecc: {
    severity: 'critical',
    means: 'The GPU memory had an error that could not be corrected.',
    fix: 'Look for Xid 63 or 64 beside it: with 63 or 94, restart programs and reset the GPU when it is free; with 64 or 95, reset it now and replace it if the failure stays.',
    command: 'nvidia-smi -q -d ECC,ROW_REMAPPER',
    weight: 5,
  },
  singleBit: {
    severity: 'warning',
    means: 'Many single bits had to be corrected. Results are right.',
    fix: 'Nothing at once; if it goes on, tell support.',
    command: 'nvidia-smi -q -d ECC',
  },
  bus: {
    severity: 'critical',
    means: 'The GPU does not answer on the PCI bus any more: power, heat, the slot or the GPU itself.',
    fix: 'Reboot, with the power off for a moment. If it comes again, check power, cooling and seating, and have the GPU replaced.',
    command: 'lspci | grep -i nvidia; sudo reboot',
    weight: 5,
  },
  reboot: {
    severity: 'critical',
    means: 'The GPU cannot go on in this start of the machine.',
    fix: 'Reboot the machine, the virtual one too.',
    command: 'sudo reboot',
  },
  nvlink: {
    severity: 'critical',
    means:
      'A link between GPUs failed. Transfers between them stop or are wrong, and collective operations hang.',
    fix: 'See which link counts errors; reset the GPUs that it joins, and the switch. If it stays, have the link or bridge checked.',
    command: 'nvidia-smi nvlink -s; nvidia-smi nvlink -e',
    weight: 5,
  },
  nvlinkPeer: {
    severity: 'warning',
    means: 'The GPU at the other end of an NVLink had the error; this one only noticed.',
    fix: 'Look for the Xid of the other GPU.',
    command: 'sudo dmesg -T | grep -i xid',
    weight: -1,
  },
  follow: {
    severity: 'warning',
    means:
      'It follows another error and says nothing alone: programs are cleaned up, or the recommended action has changed.',
    fix: 'Look for the Xid before it, of the same GPU.',
    command: 'sudo dmesg -T | grep -i xid',
    weight: -1,
  },
  power: {
    severity: 'critical',
    means: 'The GPU lacks its power cable.',
    fix: 'Switch off, connect the auxiliary power of the board, and start again.',
    command: 'sudo dmesg -T | grep -i nvrm',
    weight: 5,
  },
  update: {
    severity: 'error',
    means: 'Driver, firmware and the software of the virtual GPU do not fit together.',
    fix: 'Bring the driver of host and guest to versions that support each other.',
    command: 'nvidia-smi vgpu -q',
  },
  ignore: {
    severity: 'note',
    means: 'It asks for no action by itself.',
    fix: 'Nothing, unless programs fail at the same time: then tell support.',
    command: 'sudo dmesg -T | grep -i xid',
    weight: -1,
  },
  support: {
    severity: 'error',
    means: 'The driver reports a fault of hardware, firmware or itself.',
    fix: 'Collect a report for support, with the lines around it.',
    command: bundle,
  },
}
