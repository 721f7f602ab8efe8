import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '@hadal/base'
import { expect, it } from 'vitest'
import { Watchdog } from './watchdog.ts'

const watchdogOf = () => {
  const clock = new ManualClock()
  let alarms = 0
  const watchdog = new Watchdog(clock, () => {
    alarms += 1
  })
  const pass = async (millis: number) => {
    for (let passed = 0; passed < millis; passed += 10) {
      clock.advance(10)
      await setImmediate()
    }
  }
  return { clock, watchdog, pass, alarms: () => alarms }
}

it('reports silence once, within its timeout plus a quarter', async () => {
  const { watchdog, pass, alarms } = watchdogOf()
  watchdog.watch(400)
  await pass(390)
  expect(alarms()).toBe(0)
  await pass(110)
  expect(alarms()).toBe(1)
  await pass(2000)
  expect(alarms()).toBe(1)
  watchdog.watch(400)
  await pass(500)
  expect(alarms()).toBe(2)
})

it('tolerates any process that reports in time', async () => {
  const { watchdog, pass, alarms } = watchdogOf()
  watchdog.watch(400)
  for (let time = 0; time < 10; time += 1) {
    await pass(390)
    watchdog.heard()
    watchdog.watch(400)
  }
  expect(alarms()).toBe(0)
  await pass(500)
  expect(alarms()).toBe(1)
})

it('does not watch who has nothing to do', async () => {
  const { watchdog, pass, alarms } = watchdogOf()
  watchdog.watch(400)
  await pass(300)
  watchdog.rest()
  await pass(1000)
  watchdog.watch(400)
  await pass(390)
  expect(alarms()).toBe(0)
})

it('takes no machine that stood still for a process that did', async () => {
  const { clock, watchdog, alarms } = watchdogOf()
  watchdog.watch(400)
  clock.advance(1_000_000)
  await setImmediate()
  expect(alarms()).toBe(0)
})
