import { expect, it } from 'vitest'
import { environmentOf } from './rank-environment.ts'

const place = {
  rank: 3,
  worldSize: 4,
  localRank: 1,
  localWorldSize: 2,
  masterAddr: '127.0.0.1',
  masterPort: 4000,
  storeElsewhere: false,
  attempt: 1,
}
const machine = { cores: 5, saysThreads: false, isLinux: true }

it('is torchrun’s, with the cores divided among the ranks of a machine, and the loopback network for ranks of one', () => {
  expect(environmentOf(place, { PATH: '/bin', RANK: '0' }, machine)).toEqual({
    PATH: '/bin',
    OMP_NUM_THREADS: '2',
    GLOO_SOCKET_IFNAME: 'lo',
    RANK: '3',
    WORLD_SIZE: '4',
    LOCAL_RANK: '1',
    LOCAL_WORLD_SIZE: '2',
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: '4000',
    TORCHELASTIC_RESTART_COUNT: '1',
  })
})

it('leaves alone what was said', () => {
  const given = { OMP_NUM_THREADS: '7', GLOO_SOCKET_IFNAME: 'eth1' }
  expect(environmentOf(place, given, machine)).toMatchObject(given)
  const elsewhere = environmentOf({ ...place, masterAddr: 'node-0' }, {}, { ...machine, saysThreads: true })
  expect(elsewhere).not.toHaveProperty('OMP_NUM_THREADS')
  expect(elsewhere).not.toHaveProperty('GLOO_SOCKET_IFNAME')
  expect(environmentOf({ ...place, localWorldSize: 8 }, {}, machine).OMP_NUM_THREADS).toBe('1')
})
