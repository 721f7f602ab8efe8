import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { connectChat, mapConcurrently } from './chat-client.ts'

it('keeps the order of the items and the bound', async () => {
  let [running, most] = [0, 0]
  const doubled = await mapConcurrently([5, 1, 4, 2, 3], 2, async (item) => {
    running += 1
    most = Math.max(most, running)
    await setTimeout(item)
    running -= 1
    return 2 * item
  })
  expect(doubled).toEqual([10, 2, 8, 4, 6])
  expect(most).toBe(2)
})

it('stops at the first failure', async () => {
  const begun: number[] = []
  const work = async (item: number): Promise<void> => {
    begun.push(item)
    if (item === 1) throw new Error('no more')
    await setTimeout(5)
  }
  await expect(mapConcurrently([0, 1, 2, 3, 4], 2, work)).rejects.toThrow('no more')
  await setTimeout(20)
  expect(begun).toEqual([0, 1])
})

it('says what to do when nothing listens', async () => {
  await expect(connectChat('http://127.0.0.1:1')).rejects.toThrow('npm start')
})
