/** Files, disks and the machine under them. */

import { advice, plainly, withFigure } from './advice.ts'
import type { Cause } from './cause.ts'
import { errnoPage, kernelReports, smart } from './sources.ts'

const unwritten: readonly string[] = [
  'node_unhandled_rejection',
  'node_uncaught',
  'checkpoint_damaged',
  'llama_truncated',
  'torch_child_failed',
  'k8s_container_failed',
  'k8s_crash_loop',
]

export const diskCauses: readonly Cause[] = [
  {
    id: 'disk_full',
    family: 'disk',
    title: 'The disk is full',
    severity: 'critical',
    weight: 4,
    shows: [
      /\bENOSPC(?=[:,'")\]]|$| \()/,
      /(?:^|[:\])] ?["']?|\b[Ee]rror |\b28\W{1,3})[Nn]o space left on device/,
      /\[Errno 28\]/,
      /could not (?:extend|write to) file .{0,120}: No space left/,
    ],
    explains: unwritten,
    says: plainly('A file could not be written because the file system has no room, or no inodes, left.'),
    fix: advice(
      'See which file system it is and what fills it; old checkpoints, caches of models and images are the usual ones.',
      'df -h; df -i; du -xh --max-depth=2 / 2>/dev/null | sort -h | tail',
    ),
    source: errnoPage,
  },
  {
    id: 'disk_quota',
    family: 'disk',
    title: 'The disk quota is used up',
    severity: 'error',
    weight: 4,
    shows: [/\bEDQUOT\b/, /Disk quota exceeded/],
    explains: unwritten,
    says: plainly('The user or the project may not write more on this file system.'),
    fix: advice('Remove what is not needed, or ask for more.', 'quota -s; du -sh ~/.cache'),
    source: errnoPage,
  },
  {
    id: 'disk_read_only',
    family: 'disk',
    title: 'The file system is read-only',
    severity: 'error',
    weight: 4,
    shows: [/\bEROFS\b/, /Read-only file system/, /Remounting filesystem read-only/],
    explains: unwritten,
    says: plainly(
      'Nothing may be written there: the container or the volume is read-only, or the kernel made it so after an error of the disk.',
    ),
    fix: advice(
      'Mount a volume for what is written (readOnlyRootFilesystem keeps the rest as it is); on a host, look for errors of the disk.',
      'mount | grep " ro,"; sudo dmesg -T | grep -iE "remount|i/o error"',
    ),
    source: errnoPage,
  },
  {
    id: 'disk_io_error',
    family: 'disk',
    title: 'The disk fails',
    severity: 'critical',
    weight: 5,
    shows: [
      /(?:blk_update_request: )?(?:critical medium|critical target|I\/O) error, dev (?<device>[\w-]{1,40}), sector \d{1,20}/,
      /Buffer I\/O error on dev(?:ice)? (?<device>[\w-]{1,40})/,
      /(?:EXT4-fs|XFS|BTRFS)(?: error)? \((?:device )?(?<device>[\w-]{1,40})\): I\/O error/,
      /BTRFS: (?:error|I\/O error)/,
      /md\/raid\S{0,40}: Disk failure on (?<device>[\w-]{1,40})/,
      /(?<device>nvme\w{1,20}): no (?:usable|available) path/,
      /EXT4-fs error \(device (?<device>[\w-]{1,40})\)/,
      /XFS \((?<device>[\w-]{1,40})\): (?:Corruption|Internal error|metadata I\/O error)/,
      /nvme (?<device>nvme\d{1,3}): (?:I\/O (?:tag )?\d{1,6} .{0,40}timeout, (?:aborting|reset controller)|controller is down; will reset)/,
      /\bEIO\b|\[Errno 5\] Input\/output error/,
    ],
    explains: ['disk_read_only', 'process_bus_error', 'process_hung', ...unwritten],
    says: ({ device }) =>
      `The disk${withFigure(device, (name) => ` ${name}`)} gives errors: it, its cable or the network under it fails.`,
    fix: ({ device }) => ({
      text: 'Save what is on it, look at its health, and replace it.',
      command: `sudo smartctl -a /dev/${device ?? 'DEVICE'}; sudo dmesg -T | grep -iE "i/o error|nvme|ext4|xfs"`,
    }),
    source: smart,
  },
  {
    id: 'disk_network_gone',
    family: 'disk',
    title: 'A network file system does not answer',
    severity: 'error',
    weight: 5,
    shows: [
      /nfs: server (?<server>\S{1,120}) not responding/,
      /\bESTALE\b|Stale (?:NFS )?file handle/,
      /Transport endpoint is not connected/,
      /libceph: .{0,60}(?:socket closed|session lost)/,
    ],
    explains: ['process_hung', ...unwritten],
    says: ({ server }) =>
      `Files lie on another machine${withFigure(server, (name) => ` (${name})`)}, which does not answer or has changed them; programs that use them hang or fail.`,
    fix: advice(
      'See whether the server is reached, and mount it again; keep models that are mapped on a local disk.',
      'mount | grep -E "nfs|fuse|ceph"; df -h',
    ),
    source: errnoPage,
  },
  {
    id: 'file_permission',
    family: 'disk',
    title: 'A file may not be read or written',
    severity: 'error',
    weight: 3,
    shows: [
      /\bEACCES: permission denied, (?<what>\w{1,20}) '(?<file>[^']{1,300})'/,
      /\bEPERM: operation not permitted, (?<what>\w{1,20}) '(?<file>[^']{1,300})'/,
      /PermissionError: \[Errno 13\] Permission denied: '(?<file>[^']{1,300})'/,
    ],
    explains: [
      'node_unhandled_rejection',
      'node_uncaught',
      'torch_child_failed',
      'k8s_container_failed',
      'k8s_crash_loop',
    ],
    says: ({ file, what }) => `The user of the program may not ${what ?? 'use'} ${file ?? 'a file'}.`,
    fix: ({ file }) => ({
      text: 'Give the file to that user, or run as its owner; in Kubernetes fsGroup sets the group of volumes.',
      command:
        `id; ls -ld ${file ?? 'FILE'} ${file === undefined ? '' : file.replace(/\/[^/]*$/, '') || '/'}`.trim(),
    }),
    source: errnoPage,
  },
  {
    id: 'file_missing',
    family: 'disk',
    title: 'A file is not there',
    severity: 'error',
    weight: -1,
    shows: [
      /\bENOENT: no such file or directory, (?<what>\w{1,20}) '(?<file>[^']{1,300})'/,
      /FileNotFoundError: \[Errno 2\] No such file or directory: '(?<file>[^']{1,300})'/,
    ],
    explains: ['node_unhandled_rejection', 'node_uncaught', 'torch_child_failed'],
    says: ({ file }) =>
      `${file ?? 'A file'} does not exist as the program sees it: another folder, another container, or not created yet.`,
    fix: advice(
      'Look at the path from where the program runs; relative ones count from its working folder.',
      'pwd; ls -ld FILE',
    ),
    source: errnoPage,
  },
  {
    id: 'process_hung',
    family: 'disk',
    title: 'A process hangs in the kernel',
    severity: 'error',
    shows: [
      /INFO: task (?<process>(?!nvidia-smi|nv_queue)[^:\s]{1,64}):(?<pid>\d{1,10}) blocked for more than (?<seconds>\d{1,6}) seconds/,
    ],
    explains: ['nccl_watchdog_timeout', 'k8s_liveness', 'k8s_probe_failed'],
    says: ({ process, pid, seconds }) =>
      `${process ?? 'A process'}${withFigure(pid, (id) => ` (${id})`)} has waited${withFigure(seconds, (count) => ` ${count} s`)} for the kernel and cannot be killed: mostly for a disk, a network file system or a driver.`,
    fix: advice(
      'The stack after the message names what it waits for.',
      'sudo cat /proc/PID/stack; sudo dmesg -T | grep -A20 "blocked for more"',
    ),
    source: kernelReports,
  },
  {
    id: 'kernel_lockup',
    family: 'disk',
    title: 'The kernel hangs or has failed',
    severity: 'critical',
    weight: 5,
    shows: [
      /BUG: soft lockup - CPU#(?<cpu>\d{1,5}) stuck for (?<seconds>\d{1,6})s/,
      /Watchdog detected hard LOCKUP on cpu (?<cpu>\d{1,5})/i,
      /Kernel panic - not syncing: (?<reason>.{1,120})/,
      /(?<reason>BUG: unable to handle .{1,80}|kernel BUG at .{1,80})/,
      /rcu: INFO: rcu_\w{1,20} (?:self-)?detected stall/,
    ],
    explains: ['k8s_node_not_ready', 'process_hung', 'nccl_watchdog_timeout'],
    says: ({ cpu, seconds, reason }) =>
      `The kernel${withFigure(cpu, (number) => ` on CPU ${number}`)} ${reason === undefined ? `made no progress${withFigure(seconds, (count) => ` for ${count} s`)}` : `stopped: ${reason}`}: a driver, the hardware, or a host that gives a virtual machine no time.`,
    fix: advice(
      'Look at the stack after the message, update driver and kernel, and test the hardware.',
      'sudo dmesg -T | grep -A30 -E "lockup|panic|stall"',
    ),
    source: kernelReports,
  },
  {
    id: 'machine_check',
    family: 'disk',
    title: "The machine's processor or memory reports errors",
    severity: 'critical',
    weight: 5,
    shows: [
      /mce: \[Hardware Error\]: (?<reason>.{1,120})/,
      /EDAC .{0,40}: \d{1,6} UE .{0,120}/,
      /\[Hardware Error\]: .{0,60}(?:Fatal|Uncorrected|severity: fatal)/,
    ],
    explains: ['process_segfault', 'process_bus_error', 'kernel_lockup', 'k8s_node_not_ready'],
    says: ({ reason }) =>
      `The hardware reports an error${withFigure(reason, (text) => `: ${text}`)}. What runs on it cannot be trusted.`,
    fix: advice(
      'Move work away, read the log of the errors and test memory.',
      'sudo ras-mc-ctl --errors; sudo dmesg -T | grep -i "hardware error"',
    ),
    source: {
      title: 'Linux: machine checks',
      url: 'https://docs.kernel.org/arch/x86/x86_64/machinecheck.html',
    },
  },
]
