/** Checks of the service's folders: free space, file system type, and shared memory of ranks. */

import { formatBytes } from '@hadal/base'
import type { Check, Verdict } from '../check.ts'
import { type Facts, factsOf, notRead, notReadOnLinux } from '../facts.ts'
import { shellWord } from '../shell-word.ts'

const GiB = 2 ** 30

/** By what each is for: `models`, `temporary files`, `working folder`, `shared memory`. */
const foldersOf = (facts: Facts): readonly Facts[] => facts.list('folders')

const space: Check = {
  id: 'environment-disk',
  group: 'environment',
  title: 'Disk',
  reads: ['disks'],
  verdict(capture) {
    const folders = foldersOf(factsOf(capture, 'disks')).filter(
      (folder) => folder.text('use') !== 'shared memory',
    )
    if (folders.length === 0) return notRead(capture, 'disks', 'free disk space')
    return folders.map(spaceOf)
  },
}

function spaceOf(folder: Facts): Verdict {
  const about = `${folder.text('path') ?? 'a folder'} (${folder.text('use') ?? 'unknown use'})`
  const [free, total] = [folder.number('freeBytes'), folder.number('totalBytes')]
  const issue = folder.text('fault')
  if (free === undefined || total === undefined)
    return {
      severity: 'unknown',
      says: `${about}: ${issue ?? 'its free space could not be determined'}`,
      fix: {
        text: 'A hung file system blocks every process that accesses it. Check the mount.',
        command: 'df -h',
      },
    }
  if (folder.flag('isWritable') === false)
    return {
      severity: folder.text('use') === 'working folder' ? 'note' : 'error',
      says: `${about}: not writable by this user`,
      fix:
        folder.text('use') === 'models'
          ? {
              text: 'Choose a folder that this user owns.',
              command: 'export HADAL_CACHE_DIR=$HOME/.cache/hadal',
            }
          : {
              text: 'Mount it read-write, or run as its owner.',
              command: `ls -ld ${shellWord(folder.text('path') ?? '.')}`,
            },
    }
  const [freeInodes, inodes] = [folder.number('freeInodes') ?? 0, folder.number('totalInodes') ?? 0]
  if (inodes > 0 && freeInodes < 0.01 * inodes)
    return {
      severity: 'error',
      says: `${about}: ${freeInodes} of ${inodes} inodes are free, so no files can be created despite free space`,
      fix: {
        text: 'Find the folder with the many small files.',
        command: 'sudo du --inodes -x -d 3 / | sort -n | tail',
      },
    }
  const room = `${about}: ${formatBytes(free)} of ${formatBytes(total)} free`
  if (free < GiB / 4)
    return { severity: 'error', says: room, fix: { text: 'Free disk space.', command: 'hadal models list' } }
  if (free < GiB || (free < 0.03 * total && free < 10 * GiB))
    return {
      severity: 'warning',
      says: room,
      fix: { text: 'Free disk space: a 7B model in 4 bits needs 4.4 GiB.', command: 'hadal models list' },
    }
  return { severity: 'ok', says: room }
}

/** f_type of statfs(2) where reads are slow, or writes are not what they seem. */
const slowFileSystems: Readonly<Record<string, string>> = {
  '6969': 'NFS',
  ff534d42: 'CIFS',
  fe534d42: 'SMB',
  '517b': 'SMB',
  '65735546': 'FUSE',
  '1021997': '9P',
  c36400: 'Ceph',
  bd00bd0: 'Lustre',
  '19830326': 'FhGFS',
}
const overlay = '794c7630'

const fileSystem: Check = {
  id: 'environment-file-system',
  group: 'environment',
  title: 'Model file system',
  reads: ['disks', 'node'],
  source: 'statfs(2)',
  verdict(capture): Verdict {
    const models = foldersOf(factsOf(capture, 'disks')).find((folder) => folder.text('use') === 'models')
    const type = models?.text('type')
    if (type === undefined) return notReadOnLinux(capture, 'disks', 'the file system of the models')
    const path = models?.text('path') ?? ''
    const slow = slowFileSystems[type]
    if (slow !== undefined)
      return {
        severity: 'note',
        says: `models are on ${slow} (${path}): memory-mapped files are read over the network page by page at every cold start`,
        fix: {
          text: 'Keep models on a local disk, or disable memory mapping.',
          command: 'hadal serve --map-memory false',
        },
      }
    if (type === overlay)
      return {
        severity: 'note',
        says: `models are in the container's writable layer (${path}): each new container downloads them again`,
        fix: { text: 'Mount a volume there.', command: `docker run -v hadal-models:${shellWord(path)} ...` },
      }
    return { severity: 'ok', says: `local (${path})` }
  },
}

/** What Docker gives a container. */
const containerShm = 64 * 2 ** 20

const sharedMemory: Check = {
  id: 'environment-shared-memory',
  group: 'environment',
  title: 'Shared memory',
  reads: ['disks', 'node'],
  source: 'https://docs.docker.com/reference/cli/docker/container/run/ (--shm-size)',
  verdict(capture): Verdict {
    const folder = foldersOf(factsOf(capture, 'disks')).find((each) => each.text('use') === 'shared memory')
    const [total, free] = [folder?.number('totalBytes'), folder?.number('freeBytes')]
    if (total === undefined || free === undefined)
      return notReadOnLinux(capture, 'disks', 'the size of /dev/shm')
    const about = `/dev/shm: ${formatBytes(free)} of ${formatBytes(total)} free`
    if (total <= containerShm)
      return {
        severity: 'warning',
        says: `${about}, the container default: NCCL and data loaders fail with "No space left on device" or SIGBUS`,
        fix: {
          text: 'In Kubernetes, mount an emptyDir with medium Memory at /dev/shm.',
          command: 'docker run --shm-size 8g ...',
        },
      }
    if (free < containerShm)
      return {
        severity: 'warning',
        says: about,
        fix: { text: 'Remove files left by processes that have exited.', command: 'ls -l /dev/shm' },
      }
    return { severity: 'ok', says: about }
  },
}

export const diskChecks: readonly Check[] = [space, fileSystem, sharedMemory]
