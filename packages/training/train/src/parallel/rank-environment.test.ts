import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRankEnvironment } from './rank-environment.ts'

const torchrun = {
  RANK: '3',
  WORLD_SIZE: '4',
  LOCAL_RANK: '1',
  LOCAL_WORLD_SIZE: '2',
  MASTER_ADDR: '10.0.0.1',
  MASTER_PORT: '29500',
}

const refused = (env: Record<string, string>): string => {
  try {
    readRankEnvironment(env)
  } catch (error) {
    expect(error).toMatchObject({ code: 'train_rank_environment' })
    return (error as Error).message.split('\n  - ').slice(1).join('\n')
  }
  return 'accepted'
}

describe('which rank a process is', () => {
  it('is read as torchrun says it', () => {
    expect(readRankEnvironment(torchrun)).toEqual({
      rank: 3,
      worldSize: 4,
      localRank: 1,
      localWorldSize: 2,
      masterAddr: '10.0.0.1',
      masterPort: 29500,
      storeElsewhere: false,
      attempt: 0,
    })
    const elastic = { TORCHELASTIC_USE_AGENT_STORE: 'True', TORCHELASTIC_RESTART_COUNT: '2' }
    expect(readRankEnvironment({ ...torchrun, ...elastic })).toMatchObject({
      storeElsewhere: true,
      attempt: 2,
    })
  })

  it('is read as Slurm says it, with a port that all tasks of a job find', () => {
    const slurm = {
      SLURM_PROCID: '5',
      SLURM_NTASKS: '8',
      SLURM_LOCALID: '1',
      SLURM_LAUNCH_NODE_IPADDR: '10.1.0.7',
      SLURM_JOB_ID: '4242',
    }
    const job = { rank: 5, worldSize: 8, localRank: 1, masterAddr: '10.1.0.7', masterPort: 19242 }
    expect(readRankEnvironment(slurm)).toMatchObject(job)
    expect(readRankEnvironment({ ...slurm, MASTER_ADDR: 'node1', MASTER_PORT: '77' })).toMatchObject({
      masterAddr: 'node1',
      masterPort: 77,
    })
    const { SLURM_JOB_ID: _, SLURM_LAUNCH_NODE_IPADDR: __, ...rest } = slurm
    expect(refused(rest)).toBe('MASTER_ADDR or SLURM_LAUNCH_NODE_IPADDR is missing\nMASTER_PORT is missing')
  })

  it('is read from the variables of Kubeflow Trainer, which name nodes', () => {
    const pet = { PET_NODE_RANK: '1', PET_NNODES: '2', PET_MASTER_ADDR: 'job-0', PET_MASTER_PORT: '29400' }
    expect(readRankEnvironment(pet)).toMatchObject({
      rank: 1,
      worldSize: 2,
      masterAddr: 'job-0',
      masterPort: 29400,
    })
  })

  it('is undefined when not set, and in a job of one', () => {
    expect(readRankEnvironment({ MASTER_PORT: '29500', PATH: '/bin' })).toBeUndefined()
    expect(readRankEnvironment({ RANK: '', WORLD_SIZE: '' })).toBeUndefined()
    expect(readRankEnvironment({ RANK: '0', WORLD_SIZE: '1' })).toBeUndefined()
  })

  it('is refused where it is incomplete or wrong, with every variable', () => {
    expect(refused({ RANK: '1' })).toBe(
      'WORLD_SIZE is missing\nMASTER_ADDR is missing\nMASTER_PORT is missing',
    )
    expect(refused({ WORLD_SIZE: '2' })).toBe(
      'RANK is missing\nMASTER_ADDR is missing\nMASTER_PORT is missing',
    )
    expect(refused({ ...torchrun, RANK: '4' })).toBe('RANK is "4"; it must be a whole number from 0 to 3')
    expect(refused({ ...torchrun, WORLD_SIZE: 'two', MASTER_PORT: '0' })).toBe(
      'WORLD_SIZE is "two"; it must be a whole number from 1 to 65536\nMASTER_PORT is "0"; it must be a whole number from 1 to 65535',
    )
    expect(refused({ ...torchrun, LOCAL_RANK: '2' })).toBe(
      'LOCAL_WORLD_SIZE is "2"; it must be a whole number from 3 to 65536',
    )
  })

  it('is a rank of its job, or refused, whatever the environment says', () => {
    const text = fc.oneof(fc.constantFrom('', '0', '1', '2', '-1', '1e3', '٣', ' 1'), fc.string())
    const env = fc.record(
      Object.fromEntries(Object.keys(torchrun).map((name) => [name, fc.option(text, { nil: undefined })])),
    )
    fc.assert(
      fc.property(env, (given) => {
        try {
          const found = readRankEnvironment(given)
          if (found === undefined) return
          expect(found.rank).toBeLessThan(found.worldSize)
          expect(found.localRank).toBeLessThan(found.localWorldSize)
          expect(found.worldSize).toBeGreaterThan(1)
          expect(found.masterAddr).not.toBe('')
        } catch (error) {
          if ((error as { code?: string }).code !== 'train_rank_environment') throw error
        }
      }),
    )
  })
})
