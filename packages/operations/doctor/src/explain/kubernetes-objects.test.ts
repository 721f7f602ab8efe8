import { describe, expect, it } from 'vitest'
import { kubernetesAge } from './kubernetes-age.ts'
import { linesOfObjects } from './kubernetes-objects.ts'

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'engine-0', uid: 'u-1' },
  status: {
    conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' },
    ],
    containerStatuses: [
      {
        name: 'engine',
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-29T14:02:03Z' } },
      },
    ],
  },
}

describe('linesOfObjects', () => {
  it('says of a pod why it does not run', () => {
    expect(linesOfObjects(JSON.stringify(pod))).toEqual([
      { number: 1, text: 'Warning  FailedScheduling  pod/engine-0  0/1 nodes are available' },
      {
        number: 1,
        text: 'Warning  CrashLoopBackOff  pod/engine-0  container engine: State: Waiting, Reason: CrashLoopBackOff, Message: back-off 5m0s',
      },
      {
        number: 1,
        text: 'Warning  OOMKilled  pod/engine-0  container engine: Last State: Terminated, Reason: OOMKilled, Exit Code: 137',
        at: Date.parse('2026-11-29T14:02:03Z'),
      },
    ])
  })

  it('reads the lists of a capture, which have no kind', () => {
    const { metadata, status } = pod
    const event = {
      reason: 'BackOff',
      type: 'Warning',
      message: 'x',
      involvedObject: { kind: 'Pod', name: 'a' },
    }
    expect(
      linesOfObjects(JSON.stringify({ items: [event, { metadata, status }] }))?.map(({ text }) => text),
    ).toEqual([
      'Warning  BackOff  pod/a  x',
      expect.stringContaining('FailedScheduling'),
      expect.stringContaining('CrashLoopBackOff'),
      expect.stringContaining('OOMKilled'),
    ])
  })

  it('gives the line where an item stands', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'PodList',
      items: [pod, { ...pod, metadata: { name: 'engine-1', uid: 'u-2' } }],
    }
    const text = JSON.stringify(list, null, 2)
    const lineOf = (mark: string): number => text.split('\n').findIndex((line) => line.includes(mark)) + 1
    expect([...new Set(linesOfObjects(text)?.map(({ number }) => number))]).toEqual([
      lineOf('u-1'),
      lineOf('u-2'),
    ])
  })

  it.each([
    '',
    'kind: Pod',
    '{"kind":"Pod"}',
    '{"kind":"List","items":',
    'a log that has kind: Pod in it\n',
    '[1]',
    'kind: List\nitems: &a [*a]',
  ])('leaves other texts to be read as lines: %s', (text) => {
    expect(linesOfObjects(text)).toBeUndefined()
  })
})

describe('kubernetesAge', () => {
  it.each([
    ['5m12s       Warning   BackOff   pod/a   x', 312_000],
    ['default   2d3h   Normal   Pulled   pod/a   x', 183_600_000],
    ['5m (x3 over 10m)   Warning   BackOff   pod/a   x', 300_000],
    ['  Warning  BackOff  57s (x9 over 2m)  kubelet  x', 57_000],
    ['Warning: 5m', undefined],
    ['<unknown>  Warning  x', undefined],
  ])('%s', (line, age) => {
    expect(kubernetesAge(line)).toBe(age)
  })
})
