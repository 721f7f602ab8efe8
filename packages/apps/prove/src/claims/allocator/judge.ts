/** Whether maintenance avoids the out-of-memory error. Pure. */

import { median } from '@hadal/base'
import type { ClaimMode, Judgement, Verdict } from '../../claim.ts'
import type { AllocatorRaw, GpuAttempts, LimitedTraining } from './measure.ts'

/** Sums of parts round otherwise than the sum of the whole. */
const sameWithin = 1e-5
const outOfMemory = 'tensor_out_of_memory'

export function judgeAllocator(raw: AllocatorRaw, _mode: ClaimMode): Judgement {
  const { trainings, heldFree, gpu, canLimit, steps } = raw
  if (!canLimit && gpu === null)
    return {
      ...{ verdict: 'not here', measured: '', conditions: '', plots: [] },
      reason:
        'It takes a GPU, or Linux with prlimit (of util-linux), which can limit the memory of a process; there is neither here.',
    }
  const died = trainings.filter(({ plainLimited }) => plainLimited.failure === outOfMemory)
  const saved = died.filter(isSaved)
  const parts = [...new Set(saved.map(({ trainerLimited }) => trainerLimited.parts))].join(' or ')
  const given = median(heldFree.map(({ residentMiB: [before = 0, after = 0] }) => before - after))
  const onCpu =
    trainings.length === 0
      ? 'no process could be limited here'
      : `under a limit the plain loop runs out of memory ${died.length} of ${trainings.length} times, the trainer ${saved.length === died.length ? 'never' : died.length - saved.length}${saved.length > 0 ? ` (passes in ${parts} parts)` : ''}`
  const limit = trainings[0]?.limitMiB ?? 0
  return {
    verdict: verdictOf(raw, died.length, saved.length),
    measured: gpu ? sayGpu(gpu) : onCpu,
    conditions: `a classifier of 4 layers on 262,144 rows a step, ${steps} steps, ${trainings.length} ${trainings.length === 1 ? 'seed' : 'seeds'}; a process may grow by ${limit} MiB (prlimit) once libtorch is loaded${gpu ? '; on the GPU all memory in blocks of 1 GiB, then pieces of 64 MiB, then one block of half of it' : ''}`,
    reason: [
      gpu === null &&
        'The claim is about the caching allocator of CUDA, and that part was not run: it takes a GPU and a libtorch with CUDA.',
      trainings.length > died.length &&
        `Under the limit the plain loop did not run out of memory ${trainings.length - died.length} of ${trainings.length} times (${distinctEndings(trainings)}), which shows nothing of upkeep.`,
      saved.length > 0 &&
        `On the CPU the trainer catches the failed allocation, gives back what is free and reads passes in parts; losses stay those with room (${apart(saved) === 0 ? 'to the bit' : `within ${apart(saved).toExponential(0)}`}).`,
      ...died.filter((each) => !isSaved(each)).map(sayUnsaved),
      Number.isFinite(given) &&
        `Emptying gave the system ${Math.round(given)} MiB back that malloc held free: less for a container to count, though no more address space for such a limit.`,
      gpu && `On the CPU: ${onCpu}.`,
      gpu && `With segments that grow, and nothing emptied, the same block ${fits(gpu.expandable.failure)}.`,
    ]
      .filter(Boolean)
      .join(' '),
    plots: [
      {
        kind: 'bars',
        title: 'The most that the process had in memory (the last one went through under the limit)',
        unit: 'MiB',
        bars: trainings
          .slice(0, 1)
          .flatMap(({ plainWithRoom, plainLimited, trainerWithRoom, trainerLimited }) => [
            { name: 'plain loop, room', value: plainWithRoom.peakResidentMiB },
            {
              name: `plain loop, limit: ${ending(plainLimited.failure)}`,
              value: plainLimited.peakResidentMiB,
            },
            { name: 'trainer, room', value: trainerWithRoom.peakResidentMiB },
            {
              name: `trainer, limit: ${ending(trainerLimited.failure)}`,
              value: trainerLimited.peakResidentMiB,
            },
          ]),
      },
      {
        kind: 'bars',
        title: 'Resident after small tensors were freed',
        unit: 'MiB',
        bars: heldFree.slice(0, 1).flatMap(({ residentMiB: [before = 0, after = 0] }) => [
          { name: 'as it is', value: before },
          { name: 'emptied', value: after },
        ]),
      },
    ],
  }
}

function verdictOf({ gpu, trainings }: AllocatorRaw, died: number, saved: number): Verdict {
  const cpuHolds = died > 0 && died === trainings.length && saved === died
  if (gpu === null) return cpuHolds ? 'partly' : 'not reproduced'
  const gpuHolds = gpu.naive.failure === outOfMemory && gpu.emptied.failure === null
  if (!gpuHolds) return cpuHolds ? 'partly' : 'not reproduced'
  return cpuHolds || trainings.length === 0 ? 'reproduced' : 'partly'
}

const isSaved = ({ trainerLimited, trainerWithRoom }: LimitedTraining): boolean =>
  trainerLimited.failure === null &&
  trainerLimited.losses.length > 0 &&
  distance(trainerLimited.losses, trainerWithRoom.losses) <= sameWithin

function distance(ours: readonly number[], theirs: readonly number[]): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY
  return Math.max(...ours.map((loss, at) => Math.abs(loss / theirs[at]! - 1)))
}

const apart = (saved: readonly LimitedTraining[]): number =>
  Math.max(
    ...saved.map(({ trainerLimited, trainerWithRoom }) =>
      distance(trainerLimited.losses, trainerWithRoom.losses),
    ),
  )

function sayUnsaved({ trainerLimited: { failure, message } }: LimitedTraining): string {
  return failure === null
    ? 'The trainer went on, to other losses.'
    : `The trainer ended with ${failure}: ${message.slice(0, 200)}.`
}

function sayGpu({ naive, emptied }: GpuAttempts): string {
  const free = `${Math.round(naive.heldFreeMiB / 1024)} GiB held free`
  return `on the GPU a large block ${fits(naive.failure)} with ${free}, and ${fits(emptied.failure)} after emptying`
}

function fits(failure: string | null): string {
  if (failure === null) return 'fits'
  return failure === outOfMemory ? 'does not fit' : `was not tried to its end (${failure})`
}

const distinctEndings = (trainings: readonly LimitedTraining[]): string =>
  [...new Set(trainings.map(({ plainLimited }) => ending(plainLimited.failure)))].join(', ')

function ending(failure: string | null): string {
  if (failure === null) return 'done'
  return failure === outOfMemory ? 'out of memory' : failure
}
