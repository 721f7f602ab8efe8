import { expect, it } from 'vitest'
import { createIsOvercome } from './is-overcome.ts'

const overcome = (...texts: readonly string[]): readonly boolean[] => {
  const isOvercome = createIsOvercome(texts.map((text) => ({ text, raw: text })))
  return texts.map((_, index) => isOvercome(index))
}

it('is a retry after which it says that it is connected', () => {
  const retry = 'WARNING Retrying (total=4) after connection broken by: Connection refused'
  expect(overcome(retry, 'INFO connected after 3 attempts')).toEqual([true, false])
  expect(overcome(retry, 'ERROR failed after 3 attempts: not connected')).toEqual([false, false])
  expect(overcome(retry, 'job 12 completed', retry)).toEqual([false, false, false])
  expect(overcome(retry, 'still disconnected')).toEqual([false, false])
  expect(overcome('Connection refused', 'connected')).toEqual([false, false])
  expect(overcome('connected', retry)).toEqual([false, false])
})

it('is a pod that got a node later, by the ages of events', () => {
  const waits =
    '9m  Warning  FailedScheduling  pod/a  0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'
  const runs = '4m  Normal  Scheduled  pod/a  Successfully assigned llm/a to gpu-1'
  expect(overcome(waits, runs)).toEqual([true, false])
  expect(overcome(runs, waits)).toEqual([false, true])
  expect(overcome(waits, runs.replace('pod/a', 'pod/b'))).toEqual([false, false])
  expect(overcome(waits.replace('9m', '1m'), runs)).toEqual([false, false])
})

it('distinguishes pods whose descriptions follow each other', () => {
  const waits = '  Warning  FailedScheduling  9m  default-scheduler  0/3 nodes are available'
  const runs = '  Normal  Scheduled  4m  default-scheduler  Successfully assigned llm/a to gpu-1'
  expect(overcome('Name: a', waits, runs)).toEqual([false, true, false])
  expect(overcome('Name: a', waits, 'Name: b', runs)).toEqual([false, false, false, false])
})

it('is an image that came after all, and not another one of the pod', () => {
  const fails = '  Warning  Failed  9m  kubelet  Failed to pull image "r/a:1": i/o timeout'
  const comes = '  Normal  Pulled  4m  kubelet  Successfully pulled image "r/a:1" in 49.1s'
  expect(overcome(fails, comes)).toEqual([true, false])
  expect(overcome(fails, comes.replace('r/a', 'r/b'))).toEqual([false, false])
})

it('is what a test printed that passed', () => {
  const said = '    client_test.go:40: dial tcp 127.0.0.1:1: connect: connection refused'
  expect(overcome('=== RUN   TestRetries', said, '--- PASS: TestRetries (0.00s)')[1]).toBe(true)
  expect(overcome('=== RUN   TestRetries', said, '--- FAIL: TestRetries (0.00s)', '--- PASS: TestB')[1]).toBe(
    false,
  )
  expect(overcome('[ RUN      ] A.B', 'CUDA error', '[       OK ] A.B (1 ms)')[1]).toBe(true)
  expect(overcome(said, '=== RUN   TestB', '--- PASS: TestB (0.00s)')[0]).toBe(false)
})

it('takes long texts in step with their length', () => {
  const retry = 'WARNING Retrying after: Connection refused'
  const waits = '9m  Warning  FailedScheduling  pod/a  0/3 nodes are available'
  const runs = '4m  Normal  Scheduled  pod/a  Successfully assigned llm/a to gpu-1'
  const all = overcome(...Array.from({ length: 20_000 }, () => [retry, waits, runs]).flat(), 'connected')
  expect(all.filter(Boolean)).toHaveLength(20_000 + 167)
})
