/** Command lines of doctor and replay jobs. */

import { expect, it } from 'vitest'
import { doctorJob } from './doctor.ts'
import { scaleReplayJob } from './scale-replay.ts'

const context = {
  settingArgs: ['--port', '1'],
  url: 'http://127.0.0.1:2',
  configArgs: ['--config', 'a.json'],
  path: (name: string) => `/tmp/job/${name}`,
}

it('examines what was chosen, and takes findings for no failure', () => {
  expect(doctorJob.doneCodes).toEqual(expect.arrayContaining([0, 3, 4, 6]))
  const { args } = doctorJob.command(
    { groups: ['environment', 'server', 'server'], url: 'http://127.0.0.1:1', context: 'prod' },
    context,
  )
  expect(args).toEqual([
    ...['doctor', 'environment', 'server', '--json', '--config', 'a.json'],
    '--url=http://127.0.0.1:1',
  ])
  expect(doctorJob.command({ groups: ['server'] }, context).args.at(-1)).toBe('--url=http://127.0.0.1:2')
  for (const options of [
    { groups: [] },
    { groups: ['disk'] },
    { groups: ['server'], url: 'file:///etc' },
    // Others may read a command line, and none takes a zero byte.
    { groups: ['server'], url: 'http://me:word@127.0.0.1/' },
    { groups: ['server'], url: 'http://127.0.0.1/\0' },
    { groups: ['cluster'], context: 'a\0b' },
  ])
    expect(doctorJob.parse(options).ok, JSON.stringify(options)).toBe(false)
  for (const url of ['http://[::1]:8080', 'https://gate.example/hadal?a=b@c'])
    expect(doctorJob.parse({ groups: ['server'], url }).ok).toBe(true)
})

it('replays a day, a stretch or a recording, which is a file of the job', () => {
  expect(scaleReplayJob.command({ day: 'week', against: ['hpa', 'fixed:4'], max: 8 }, context).args).toEqual([
    ...['scale', 'replay', 'week', '--json', '--config', 'a.json', '--max=8'],
    ...['--against', 'hpa', 'fixed:4'],
  ])
  const recorded = scaleReplayJob.command({ recording: '{}' }, context)
  expect(recorded.args[2]).toBe('/tmp/job/recording.json')
  expect(recorded.files).toEqual({ 'recording.json': '{}' })
})

it.each([
  {},
  { day: 'doomsday' },
  { day: 'week', past: '24h' },
  { past: 'yesterday' },
  { past: '24h', prometheus: 'ftp://p' },
  { day: 'week', model: '--save' },
  { day: 'week', against: ['--html=/etc/passwd'] },
  { day: 'week', overlay: '-x' },
  { day: 'week', model: 'a\0b' },
  { past: '24h', prometheus: 'http://me:word@prometheus' },
])('refuses %j', (options) => {
  expect(scaleReplayJob.parse(options).ok).toBe(false)
})
